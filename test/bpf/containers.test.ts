import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cgroupAt, execAt, exitAt } from "../../src/ebpf/abi.ts";
import { type Probes, startProbes } from "../support/ebpf/probes.ts";
import { createRunc } from "../support/ebpf/runc.ts";
import { whyNoProbes } from "../support/ebpf/set-up.ts";
import { whyNoContainers } from "../support/machine/machine.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

const why = whyNoProbes() ?? whyNoContainers();
const containers = 200;
const atOnce = 4;

describe.skipIf(why !== undefined)(`short containers${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  let folder: string;
  let probes: Probes;

  beforeAll(async () => {
    folder = createWorkspace();
    probes = await startProbes({ probes: ["process"] });
  });
  afterAll(async () => {
    await probes.stop();
    await wipe(folder);
  }, 120_000);

  test(`${containers} containers that live some 10 ms are each told with the path of their cgroup`, async () => {
    const runc = createRunc(folder);
    const specs = Array.from({ length: containers }, (_, i) => ({
      id: hex(i, 64),
      // Every second one of a static pod, whose uid is 32 digits without dashes.
      cgroup: `/kubepods/burstable/pod${i % 2 === 0 ? hex(i, 32) : dashed(hex(i, 32))}/${hex(i, 64)}`,
      command: ["/bin/sh", "-c", `exit ${i % 7}`, hex(i, 64)],
    }));
    const left = specs.values();
    const work = async () => {
      for (const spec of left) await runc.run(spec);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    await probes.stop();

    const paths = new Map<string, string>();
    const seen = new Map<string, { path: string | undefined; status: number | undefined }>();
    const idOf = new Map<number, string>();
    for (const record of probes.records) {
      const key = `${record.hierarchy}:${record.cgroup}`;
      if (record.type === "cgroup") {
        paths.set(key, record.text(cgroupAt.path, record.u32(cgroupAt.pathLen)));
      } else if (record.type === "exec") {
        const id = record.bytes.toString("utf8", execAt.args).split("\0")[3];
        if (record.text(execAt.file, 256) !== "/bin/sh" || id?.length !== 64) continue;
        idOf.set(record.tgid, id);
        seen.set(id, { path: paths.get(key), status: undefined });
      } else if (record.type === "exit") {
        const id = idOf.get(record.tgid);
        if (id !== undefined) seen.set(id, { path: paths.get(key), status: record.u32(exitAt.status) });
      }
    }
    const expected = specs.map(({ id, cgroup }, i) => [
      id,
      { path: `${cgroup.split("/").toReversed().join("/")}`, status: i % 7 },
    ]);
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
    expect(probes.totals()?.lost).toBe(0);
  }, 180_000);
});

function hex(number: number, length: number): string {
  return (number + 1).toString(16).padStart(length, "5ab1e");
}

function dashed(uid: string): string {
  return [uid.slice(0, 8), uid.slice(8, 12), uid.slice(12, 16), uid.slice(16, 20), uid.slice(20)].join("-");
}
