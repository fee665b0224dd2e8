import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectors } from "../../../src/runtimes/connect.ts";
import { testHost } from "../../support/agent/host.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

const { metrics } = testHost("advice");
const never = new AbortController().signal;

test.each(["cri", "containerd", "docker"] as const)(
  "what stands in the place of a socket of %s is said, and what to do about a directory",
  async (type) => {
    const folder = createWorkspace();
    onTestFinished(() => wipe(folder));
    const [directory, file, missing] = [join(folder, "d.sock"), join(folder, "f.sock"), join(folder, "m.sock")];
    mkdirSync(directory);
    writeFileSync(file, "");
    const connect = (path: string) =>
      connectors[type]({ endpoint: `unix://${path}`, timeoutMs: 2000, metrics }, never).then(
        () => "connected",
        (error: unknown) => String(error),
      );
    expect(await connect(directory)).toMatch(/: a directory stands there, .* mount the folder that the socket is in/);
    expect(await connect(file)).toMatch(/: what stands there is no socket$/);
    expect(await connect(missing)).toMatch(/: no such socket$/);
    // unix://run/containerd/containerd.sock
    expect(await connect("run/none.sock")).toMatch(
      /: no such socket: this is no path from the root, .* unix:\/\/\/PATH$/,
    );
  },
);
