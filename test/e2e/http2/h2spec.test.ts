import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serving } from "../../support/grpc/serving.ts";
import { runH2spec } from "../../support/http2/h2spec.ts";
import { findTool } from "../../support/machine/tools.ts";

/** A server of node:http2 that answers everything. */
async function oracle(): Promise<string> {
  const server = http2.createServer((_, response) => response.end("hello"));
  server.on("session", (session) => session.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test(
  "no case of h2spec fails or is skipped on native, while some are on node:http2",
  { timeout: 120_000 },
  async ({ skip }) => {
    const program = findTool("h2spec");
    if (program === undefined) return skip("h2spec is not built here: test/tools/build.sh h2spec");
    const { address } = await serving("native")();
    const [native, node] = await Promise.all([runH2spec(program, address), runH2spec(program, await oracle())]);
    expect(native.failed).toEqual(new Map());
    expect(native.cases).toBe(146);
    expect(node.cases).toBe(146);
    expect(node.failed.size).toBeGreaterThan(0);
  },
);
