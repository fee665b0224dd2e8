import { containerdTests } from "../../support/runtimes/containerd-tests.ts";

containerdTests();
