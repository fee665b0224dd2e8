import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cgroupAt, connFlag, httpAt, httpKind, layoutHash, role } from "../../src/ebpf/abi.ts";
import { startProbes } from "../../test/support/ebpf/probes.ts";
import type { TestRecord } from "../../test/support/ebpf/records.ts";
import { writeStandIn } from "../../test/support/ebpf/stand-in.ts";
import { eventually } from "../../test/support/eventually.ts";
import { createWorkspace } from "../../test/support/machine/workspace.ts";

/** What a real kernel told of one call between the demo's pods, as the loader passed it on. */
const file = fileURLToPath(new URL("../../test/fixtures/demo/ring.bin", import.meta.url));

/** Watches until both ends of one connection were seen from their begin to their end, and keeps what was told of them; returns the layout of it. */
export async function recordRing(containerIds: readonly string[]): Promise<number> {
  const probes = await startProbes({ probes: ["http"] });
  try {
    const ours = await eventually(() => wholeConnection(probes.records, containerIds), {
      what: "both ends of a call",
      timeoutMs: 20_000,
    });
    const [clock] = probes.records.filter(({ type }) => type === "clock");
    const announced = announcements(probes.records, containerIds);
    writeFileSync(file, Buffer.concat([clock, ...announced, ...ours].flatMap((each) => each?.bytes ?? [])));
    return layoutHash;
  } finally {
    await probes.stop();
  }
}

/** A program that passes the recording on as if a kernel told it now; its records have the layout that they were recorded with. */
export function writeRecordedLoader(recordedLayout: number): string {
  const path = join(createWorkspace(), "podstamp-probes");
  writeStandIn(path, { ring: file, layoutHash: recordedLayout });
  return path;
}

function announcements(records: readonly TestRecord[], containerIds: readonly string[]): readonly TestRecord[] {
  const isOurs = ({ type, text, u32 }: TestRecord) =>
    type === "cgroup" && containerIds.some((id) => text(cgroupAt.path, u32(cgroupAt.pathLen)).includes(id));
  const byCgroup = new Map(records.filter(isOurs).map((record) => [`${record.hierarchy}:${record.cgroup}`, record]));
  return [...byCgroup.values()];
}

/** The records of the first connection between these containers of which both ends have come whole. */
function wholeConnection(
  records: readonly TestRecord[],
  containerIds: readonly string[],
): readonly TestRecord[] | undefined {
  const cgroups = new Set(announcements(records, containerIds).map(({ cgroup }) => cgroup));
  const http = records.filter(({ type, cgroup }) => type === "http" && cgroups.has(cgroup));
  const ends = http.filter(
    ({ u8 }) => u8(httpAt.kind) === httpKind.end && (u8(httpAt.connFlags) & connFlag.late) === 0,
  );
  for (const ofClient of ends.filter(({ u8 }) => u8(httpAt.role) === role.client)) {
    const ofServer = ends.find(
      ({ u8, u16 }) => u8(httpAt.role) === role.server && u16(httpAt.remotePort) === ofClient.u16(httpAt.localPort),
    );
    if (ofServer === undefined) continue;
    const both = [ofClient, ofServer].map(({ u64 }) => u64(httpAt.conn));
    return http.filter(({ u64 }) => both.includes(u64(httpAt.conn)));
  }
  return undefined;
}
