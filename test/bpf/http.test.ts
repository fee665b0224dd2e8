import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { direction, httpAt, httpFlag, httpKind, role } from "../../src/ebpf/abi.ts";
import { type Group, makeGroup } from "../support/ebpf/groups.ts";
import { spawnIn } from "../support/ebpf/in-group.ts";
import { type Probes, startProbes } from "../support/ebpf/probes.ts";
import type { TestRecord } from "../support/ebpf/records.ts";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";

type Case = { readonly case: string; readonly port: number; readonly spans: readonly [string, string, number][] };

const why = whyNoProbes();
const pod = "kubepods/burstable/pod2c5e8f71-0b3d-4a96-b7d2-4f8e1a6c9d03";

describe.skipIf(why !== undefined)(`HTTP/1 heads${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  const groups: Group[] = [];
  const cases: Case[] = [];
  let socket: Probes;
  let syscall: Probes;

  beforeAll(async () => {
    const [server, client] = ["1a", "2b"].map((id) => makeGroup(`${pod}/${id.repeat(32)}`));
    if (server === undefined || client === undefined) throw new Error("there must be two groups");
    groups.push(server, client);
    const script = join(root, "test/support/ebpf/http-cases.py");
    const command = ["/usr/bin/python3", "-B", script, server.folder, client.folder];
    const running = spawnIn(client, command, ["pipe", "pipe", "inherit"]);
    if (running.stdout === null) throw new Error("the cases must have a pipe");
    const lines = createInterface({ input: running.stdout });
    await once(lines, "line");
    lines.on("line", (line) => cases.push(JSON.parse(line) as Case));
    // Both look at the same calls.
    [socket, syscall] = await Promise.all([
      startProbes({ probes: ["http"], backend: "socket", groups }),
      startProbes({ probes: ["http"], backend: "syscall", groups }),
    ]);
    running.stdin?.write("go\n");
    await once(running, "close");
    await Promise.all([socket.stop(), syscall.stop()]);
  });
  afterAll(async () => {
    for (const group of groups) await group.remove();
  });

  test("are the same from both backends: bytes, places, times of neither matter", () => {
    const ofSocket = heads(socket).map(describeHead).toSorted();
    expect(heads(syscall).map(describeHead).toSorted()).toEqual(ofSocket);
    expect(ofSocket.length).toBeGreaterThan(150);
  });

  test("are those of the calls that were made, on both sides", () => {
    expect(cases).toHaveLength(45);
    for (const { case: name, port, spans } of cases) {
      for (const side of [role.client, role.server]) {
        const of = heads(socket).filter((record) => portOf(record) === port && record.u8(httpAt.role) === side);
        const sends = side === role.client ? direction.tx : direction.rx;
        const requests = of
          .filter((record) => record.u8(httpAt.direction) === sends)
          .map(textOf)
          .join("");
        for (const [method, target] of spans) expect(`${name} ${requests}`).toContain(`${method} ${target} HTTP/1.`);
        if (spans.length === 0) expect(of.map(textOf)).toEqual([]);
      }
    }
  });

  test("are of the connection that was met first, also when it is over before all is read", () => {
    const severally = ["late", "late-body", "two-connections", "proxied"];
    for (const { case: name, port } of cases.filter((one) => !severally.includes(one.case))) {
      const clients = socket.records.filter(
        (record) => record.type === "http" && portOf(record) === port && record.u8(httpAt.role) === role.client,
      );
      expect(`${name} ${new Set(clients.map((record) => record.u64(httpAt.conn))).size}`).toMatch(/ [01]$/);
    }
  });

  test("of chunks that are written in many pieces come with the end, which the server's call had", () => {
    const { port } = cases.find(({ case: name }) => name === "chunks-in-pieces") ?? { port: 0 };
    for (const probes of [socket, syscall]) {
      const answers = heads(probes).filter(
        (record) => portOf(record) === port && record.u8(httpAt.kind) === httpKind.response,
      );
      expect(answers.map(({ flags }) => flags & httpFlag.endsChunked)).toEqual(
        Array.from({ length: 4 }, () => httpFlag.endsChunked),
      );
    }
  });

  test("carry the same TCP sequence number at both ends", () => {
    const numbers = (side: number) =>
      heads(socket)
        .filter((record) => record.u8(httpAt.role) === side && record.u8(httpAt.kind) === httpKind.request)
        .map((record) => ({ port: portOf(record), seq: record.u32(httpAt.tcpSeq) }))
        .toSorted((a, b) => a.port - b.port || a.seq - b.seq);
    const sent = numbers(role.client);
    const read = numbers(role.server);
    // What was written one behind the other may be read at once: then the first one's number stands for all.
    expect(sent).toEqual(expect.arrayContaining(read));
    const first = (all: typeof sent) => all.filter(({ port }, index) => port !== all[index - 1]?.port);
    expect(first(read)).toEqual(first(sent));
  });

  test("are of the cgroups that they were sent and read in", () => {
    const [server, client] = groups;
    for (const record of heads(socket))
      expect(record.cgroup).toBe(record.u8(httpAt.role) === role.server ? server?.cgroup : client?.cgroup);
  });

  test("what was not read is counted, and nothing was lost", () => {
    expect(socket.totals()).toMatchObject({ lost: 0, lostCgroup: 0, malformed: 0, tableFull: 0, muted: 0 });
    expect(syscall.totals()).toMatchObject({ lost: 0, lostCgroup: 0, malformed: 0, tableFull: 0, muted: 0 });
  });
});

function heads({ records }: Probes): readonly TestRecord[] {
  return records.filter(
    (record) =>
      record.type === "http" && record.u8(httpAt.kind) !== httpKind.progress && record.u8(httpAt.kind) !== httpKind.end,
  );
}

/** All but times, the numbers of connections and what is told of both directions so far. */
function describeHead(record: TestRecord): string {
  const { tgid, cgroup, flags } = record;
  const small = [httpAt.kind, httpAt.role, httpAt.direction].map((at) => record.u8(at));
  const middle = [httpAt.family, httpAt.localPort, httpAt.remotePort].map((at) => record.u16(at));
  const numbers = [httpAt.chunk, httpAt.captured, httpAt.ordinal, httpAt.tcpSeq].map((at) => record.u32(at));
  const offset = record.u64(httpAt.offset);
  return JSON.stringify([tgid, cgroup, flags, ...small, ...middle, ...numbers, offset, textOf(record)]);
}

function textOf(record: TestRecord): string {
  return record.bytes.toString("latin1", httpAt.data, httpAt.data + record.u32(httpAt.captured));
}

function portOf(record: TestRecord): number {
  return record.u16(record.u8(httpAt.role) === role.server ? httpAt.localPort : httpAt.remotePort);
}
