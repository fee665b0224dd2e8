import { describe, expect, test } from "vitest";
import { cgroupCommand, filterCommands, forgetCommand, loadCommands } from "../../../src/ebpf/loader/commands.ts";

describe("the loader's commands", () => {
  test("say the settings, then the probes, then to load", () => {
    const commands = loadCommands({
      probes: ["process", "http"],
      ringBytes: 8 << 20,
      connections: 65_536,
      argsMax: 0,
      requestMax: 1024,
      responseMax: 512,
      signals: [6, 9, 11],
      backend: "auto",
      without: ["sock_length"],
    });
    expect(commands).toBe(`set ring_bytes 8388608
set wake_bytes 262144
set latency_ms 20
set connections 65536
set args_max 0
set request_max 1024
set response_max 512
set signals 0xa40
set backend auto
set without sock_length
probe process on
probe http on
load
`);
  });

  test("say the filters that there are", () => {
    expect(filterCommands({})).toBe("");
    const commands = filterCommands({
      includedPorts: [80, 8080],
      excludedPorts: [4317],
      ignoredPids: [77],
      httpSampling: 0.5,
      tcpSampling: 1,
      rate: 100,
      burst: 200,
      probes: ["oom"],
    });
    expect(commands).toBe(`port 80 include
port 8080 include
port 4317 exclude
ports included
ignore 77
sample http 2147483647
sample tcp 4294967295
rate 100 200
probes 8
`);
  });

  test("name a cgroup by its hierarchy and ID", () => {
    const cgroup = { hierarchy: 4, cgroup: 4242 };
    expect(cgroupCommand({ ...cgroup, probes: ["process", "tcp", "http", "oom", "signal"] })).toBe(
      "cgroup 4 4242 31\n",
    );
    expect(cgroupCommand({ ...cgroup, probes: [] })).toBe("cgroup 4 4242 0\n");
    expect(forgetCommand(cgroup)).toBe("cgroup 4 4242 forget\n");
  });
});
