import { containerdTests } from "../support/containerd-tests.ts";

containerdTests();
