import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { systemPath, whyNoMounts } from "../../support/machine/machine.ts";

const why = whyNoMounts("a network of its own needs");
const source = fileURLToPath(new URL("../../../src/net/socket/listen.ts", import.meta.url));

/** Says where one that listens at localhost does, and whether each loopback address connects. */
const program = `
const { connect, createServer } = await import("node:net");
const { listen } = await import(process.argv[1]);
const { address } = await listen({ kind: "tcp", host: "localhost", port: 4317, scheme: undefined }, createServer);
const reached = (host) => new Promise((resolve) => {
  connect(4317, host).on("connect", () => resolve(true)).on("error", () => resolve(false));
});
console.log(JSON.stringify({ address, four: await reached("127.0.0.1"), six: await reached("::1") }));
process.exit();`;

describe("localhost, on a machine whose loopback has", () => {
  beforeEach(({ skip }) => skip(why !== undefined, why));

  test.each([
    ["both", "true", { address: "localhost:4317", four: true, six: true }],
    ["no IPv4", "ip address delete 127.0.0.1/8 dev lo", { address: "[::1]:4317", four: false, six: true }],
    ["no IPv6", "ip address delete ::1/128 dev lo", { address: "127.0.0.1:4317", four: true, six: false }],
  ])("%s, is what there is", (_has, change, expected) => {
    const script = `ip link set lo up && ${change} && exec "$@"`;
    const node = [process.execPath, "--input-type=module", "--eval", program, source];
    const { stdout, stderr } = spawnSync("unshare", ["--net", "sh", "-c", script, "sh", ...node], {
      encoding: "utf8",
      env: { ...process.env, PATH: systemPath },
      timeout: 20_000,
    });
    expect({ stderr, ...(JSON.parse(stdout || "{}") as object) }).toEqual({ stderr: "", ...expected });
  });
});
