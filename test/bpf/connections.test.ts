import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connAt, connFlag, httpAt, httpKind, role } from "../../src/ebpf/abi.ts";
import { type Group, makeGroup } from "../support/ebpf/groups.ts";
import { eventually } from "../support/eventually.ts";
import { runIn, spawnIn } from "../support/ebpf/in-group.ts";
import { type Probes, type ProbesOptions, groupCommand, startProbes } from "../support/ebpf/probes.ts";
import { addressAt, type TestRecord } from "../support/ebpf/records.ts";
import { root, whyNoProbes } from "../support/ebpf/set-up.ts";
import { givenReader } from "../ebpf/given-reader.ts";

const why = whyNoProbes();
const uid = "9b1f7d20-3c4e-4a6b-8d5f-0e2a7c9b1d3f";

/* Answers what it is asked over HTTP: /take reads N bytes and sends M. */
const server = `
import ctypes, socket, sys, threading
def serve(c):
    # PR_SET_NAME: the name of the thread
    ctypes.CDLL(None).prctl(15, b"worker")
    try: answer(c)
    except OSError: pass
    c.close()
def answer(c):
    rest = b""
    while True:
        while b"\\r\\n\\r\\n" not in rest:
            d = c.recv(65536)
            if not d: return
            rest += d
        head, rest = rest.split(b"\\r\\n\\r\\n", 1)
        take, give = [int(x) for x in head.split(b" ")[1].split(b"/")[1:3]]
        while len(rest) < take: rest += c.recv(65536)
        rest = rest[take:]
        c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % give + b"y" * give)
s = socket.socket(socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET)
s.bind(("::" if sys.argv[1] == "6" else "0.0.0.0", 0)); s.listen(64); print(s.getsockname()[1], flush=True)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
`;

const client = `
import socket, sys
host, port, take, give, times = sys.argv[1], *[int(x) for x in sys.argv[2:6]]
c = socket.create_connection((host, port))
wait = len(sys.argv) > 6
if wait: print("open", flush=True)
for _ in range(times):
    if wait: sys.stdin.readline()
    m = b"POST /%d/%d HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\n\\r\\n" % (take, give, take) + b"x" * take
    c.sendall(m)
    want = len(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % give) + give
    while want: want -= len(c.recv(min(want, 65536)))
    if wait: print("done", flush=True)
# tcpi_total_retrans
print(int.from_bytes(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[100:104], "little"), flush=True)
c.close()
`;

describe.skipIf(why !== undefined)(`TCP connections${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  let groups: { server: Group; client: Group };
  let port: number;
  let port6: number;
  let probes: Probes | undefined;
  const servers: { kill(signal: NodeJS.Signals): void }[] = [];

  const startServer = async (version: "4" | "6") => {
    const child = spawnIn(groups.server, python(server, version), ["ignore", "pipe", "inherit"]);
    servers.push(child);
    if (child.stdout === null) throw new Error("the server must have a pipe");
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return Number(line);
  };
  beforeAll(async () => {
    groups = {
      server: makeGroup(`kubepods/pod${uid}/${"f6".repeat(32)}`),
      client: makeGroup(`kubepods/pod${uid}/${"07".repeat(32)}`),
    };
    [port, port6] = [await startServer("4"), await startServer("6")];
  });
  afterEach(async () => {
    await probes?.stop();
    probes = undefined;
  });
  afterAll(async () => {
    for (const child of servers) child.kill("SIGKILL");
    await groups.server.remove();
    await groups.client.remove();
  });

  const start = async (options: ProbesOptions = {}) => {
    probes = await startProbes({ probes: ["tcp", "http"], groups: Object.values(groups), ...options });
    return probes;
  };
  const call = (to: string | number, [take, give, times]: readonly [number, number, number], host = "127.0.0.1") =>
    runIn(groups.client, python(client, host, String(to), String(take), String(give), String(times)));
  const sides = async (from: Probes, which: number) => ({
    client: await from.record("the client's side", isConnection(role.client, which)),
    server: await from.record("the server's side", isConnection(role.server, which)),
  });

  test("both sides are told with addresses, owners and bytes to the byte", async () => {
    const running = await start();
    const [take, give, times] = [5_000_003, 1_234_567, 2] as const;
    const args = python(client, "127.0.0.1", String(port), String(take), String(give), String(times));
    const child = spawnIn(groups.client, args, ["ignore", "pipe", "inherit"]);
    if (child.stdout === null) throw new Error("it must have a pipe");
    const [retransmits] = (await once(child.stdout, "data")) as [Buffer];
    const { client: ours, server: theirs } = await sides(running, port);
    const sent = times * (take + `POST /${take}/${give} HTTP/1.1\r\nHost: x\r\nContent-Length: ${take}\r\n\r\n`.length);
    const received = times * (give + `HTTP/1.1 200 OK\r\nContent-Length: ${give}\r\n\r\n`.length);
    expect([ours.u64(connAt.tx), ours.u64(connAt.rx)]).toEqual([sent, received]);
    expect([theirs.u64(connAt.tx), theirs.u64(connAt.rx)]).toEqual([received, sent]);
    for (const [record, group, local, remote] of [
      [ours, groups.client, connAt.local, connAt.remote],
      [theirs, groups.server, connAt.remote, connAt.local],
    ] as const) {
      expect(record).toMatchObject({ hierarchy: group.hierarchy, cgroup: group.cgroup });
      expect([addressAt(record, local), addressAt(record, remote)]).toEqual(["127.0.0.1", "127.0.0.1"]);
      expect(record.text(connAt.comm, 16)).toBe("python3");
      expect([record.i32(connAt.error), record.u16(connAt.family)]).toEqual([0, 2]);
      expect(record.u64(connAt.start)).toBeLessThanOrEqual(record.u64(connAt.established));
      expect(record.u64(connAt.established)).toBeLessThan(record.u64(connAt.end));
    }
    expect(ours.u16(connAt.localPort)).toBe(theirs.u16(connAt.remotePort));
    expect(ours.u32(connAt.retransmits)).toBe(Number(retransmits.toString()));
  });

  test("without the HTTP probe a server's connection is of the process that closes it", async () => {
    const running = await start({ probes: ["tcp"] });
    expect(await call(port, [1, 1, 1])).toBe(0);
    const { client: ours, server: theirs } = await sides(running, port);
    expect(ours).toMatchObject({ hierarchy: groups.client.hierarchy, cgroup: groups.client.cgroup });
    expect(theirs).toMatchObject({ hierarchy: groups.server.hierarchy, cgroup: groups.server.cgroup });
    expect(theirs.text(connAt.comm, 16)).toBe("python3");
    expect(running.records.filter(({ type }) => type === "http")).toEqual([]);
  });

  test("IPv6 is told as it is, and IPv4 on a socket of version 6 as IPv4", async () => {
    const running = await start();
    expect(await call(port6, [1, 1, 1], "::1")).toBe(0);
    const six = await sides(running, port6);
    expect(addressAt(six.client, connAt.remote)).toBe("0:0:0:0:0:0:0:1");
    expect([six.client.u16(connAt.family), six.server.u16(connAt.family)]).toEqual([10, 10]);
    const before = running.records.length;
    expect(await call(port6, [1, 1, 1], "127.0.0.1")).toBe(0);
    const server4 = await running.record(
      "the server's side",
      (record) => running.records.indexOf(record) >= before && isConnection(role.server, port6)(record),
    );
    expect(addressAt(server4, connAt.local)).toBe("127.0.0.1");
    expect(server4.u16(connAt.family)).toBe(2);
  });

  test("a connection that is refused is told with its error", async () => {
    const running = await start();
    const code = "import socket,sys; sys.exit(socket.socket().connect_ex(('127.0.0.1', 1)))";
    expect(await runIn(groups.client, python(code))).toBe(111);
    const failed = await running.record("the failure", isConnection(role.client, 1));
    expect(failed.i32(connAt.error)).toBe(111);
    expect(failed.u8(connAt.flags) & connFlag.failed).toBe(connFlag.failed);
    expect(failed.u64(connAt.established)).toBe(0);
    expect(failed.cgroup).toBe(groups.client.cgroup);
  });

  test("a connection that the other side resets is told with that", async () => {
    const running = await start();
    const code = `
import socket, struct, threading
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
c = socket.create_connection(s.getsockname())
p, _ = s.accept()
p.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); p.close()
try: c.recv(1)
except ConnectionResetError: pass
print(s.getsockname()[1], flush=True)
`;
    const child = spawnIn(groups.client, python(code), ["ignore", "pipe", "inherit"]);
    if (child.stdout === null) throw new Error("it must have a pipe");
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const reset = await running.record("the reset", isConnection(role.client, Number(line)));
    expect(reset.i32(connAt.error)).toBe(104);
  });

  test.each([
    [
      "that its client resets",
      "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()",
      104,
    ],
    ["of which it has not read all when it closes", "c.sendall(b'x'); time.sleep(0.05)", 0],
    [
      "that was reset before it was accepted",
      "c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()",
      104,
    ],
  ])(
    "without the HTTP probe a server's connection %s is of the process that closes it",
    async (name, before, error) => {
      const running = await start({ probes: ["tcp"] });
      const [first, second] = name.includes("accepted") ? [before, "p, _ = s.accept()"] : ["p, _ = s.accept()", before];
      const code = `
import os, socket, struct, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
c = socket.create_connection(s.getsockname())
${first}
${second}
try: p.recv(1, socket.MSG_PEEK)
except ConnectionResetError: pass
p.close()
print(s.getsockname()[1], os.getpid(), flush=True)
`;
      const child = spawnIn(groups.server, python(code), ["ignore", "pipe", "inherit"]);
      if (child.stdout === null) throw new Error("it must have a pipe");
      const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      const [where, pid] = line.split(" ").map(Number);
      const told = await running.record("the server's side", isConnection(role.server, where ?? 0));
      expect(told).toMatchObject({ hierarchy: groups.server.hierarchy, cgroup: groups.server.cgroup, tgid: pid });
      expect(told.i32(connAt.error)).toBe(error);
      expect(told.u64(connAt.established)).toBeLessThanOrEqual(told.u64(connAt.end));
    },
  );

  test("a connection that was open before is told as late, and its bytes and requests since", async () => {
    const args = python(client, "127.0.0.1", String(port), "10", "20", "3", "wait");
    const child = spawnIn(groups.client, args, ["pipe", "pipe", "inherit"]);
    if (child.stdout === null) throw new Error("it must have a pipe");
    await once(child.stdout, "data");
    const running = await start();
    child.stdin?.write("go\ngo\ngo\n");
    await once(child, "close");
    const end = await running.record(
      "its end",
      (record) =>
        record.type === "http" && record.u8(httpAt.kind) === httpKind.end && record.u8(httpAt.role) === role.client,
    );
    expect(end.u8(httpAt.connFlags) & connFlag.late).toBe(connFlag.late);
    const requests = heads(running, httpKind.request).filter((record) => record.u8(httpAt.role) === role.client);
    expect(requests.map((record) => record.u32(httpAt.ordinal))).toEqual([1, 2, 3]);
  });

  test("excluded ports are not told, and with included ones no others", async () => {
    const running = await start({ filters: { excludedPorts: [port] } });
    await call(port, [1, 1, 1]);
    await call(port6, [1, 1, 1]);
    await sides(running, port6);
    expect(running.records.filter((record) => touches(record, port))).toEqual([]);
    await running.stop();
    const other = await start({ filters: { includedPorts: [port] } });
    await call(port6, [1, 1, 1]);
    await call(port, [1, 1, 1]);
    await sides(other, port);
    expect(other.records.filter((record) => touches(record, port6))).toEqual([]);
  });

  test("a filter of a cgroup takes hold on an open connection, of which nothing is guessed when it is lifted", async () => {
    const running = await start();
    const args = python(client, "127.0.0.1", String(port), "10", "20", "3", "wait");
    const child = spawnIn(groups.client, args, ["pipe", "pipe", "inherit"]);
    if (child.stdout === null) throw new Error("it must have a pipe");
    const lines = createInterface({ input: child.stdout });
    const says = async (word: string) => expect(await once(lines, "line")).toEqual([word]);
    await says("open");
    let complaints = 0;
    /** Returns when the loader has read it. */
    const filter = async (names: readonly ("tcp" | "http")[]) => {
      running.loader.command(`${groupCommand(groups.client, names)}nonsense\n`);
      complaints += 1;
      await expect.poll(() => running.complaints.length).toBe(complaints);
    };
    const ofClient = () =>
      running.records.filter(({ type, cgroup }) => type === "http" && cgroup === groups.client.cgroup);
    child.stdin?.write("go\n");
    await says("done");
    await expect.poll(() => ofClient().length).toBe(2);
    await filter(["tcp"]);
    child.stdin?.write("go\n");
    await says("done");
    await filter(["tcp", "http"]);
    child.stdin?.write("go\n");
    await once(child, "close");
    const end = await running.record("the client's side", isConnection(role.client, port));
    expect(end.u8(connAt.flags) & connFlag.muted).toBe(connFlag.muted);
    expect(ofClient().filter((record) => record.u8(httpAt.kind) !== httpKind.end)).toHaveLength(2);
    await call(port, [1, 1, 1]);
    await expect.poll(() => ofClient().filter((record) => record.u8(httpAt.kind) === httpKind.request).length).toBe(2);
  });

  test("sampling takes both sides of a connection or neither", async () => {
    const running = await start({ filters: { tcpSampling: 0.5, httpSampling: 0.5 } });
    const code = `
import socket
for _ in range(40):
    c = socket.create_connection(("127.0.0.1", ${port}))
    c.sendall(b"GET /0/1 HTTP/1.1\\r\\n\\r\\n"); c.recv(100); c.shutdown(socket.SHUT_WR)
    while c.recv(100): pass
`;
    expect(await runIn(groups.client, python(code))).toBe(0);
    await running.stop();
    const clients = new Set<number>();
    const accepted = new Set<number>();
    for (const record of running.records.filter(({ type }) => type === "conn"))
      if (record.u8(connAt.role) === role.client) clients.add(record.u16(connAt.localPort));
      else accepted.add(record.u16(connAt.remotePort));
    expect(clients).toEqual(accepted);
    // One of 40 at a half: beyond 4 and 36 in less than one of ten million runs.
    expect(clients.size).toBeGreaterThan(4);
    expect(clients.size).toBeLessThan(36);
    probes = undefined;
  });

  test("above the rate limit requests are held back and counted, in whole exchanges", async () => {
    const running = await start({ filters: { rate: 1, burst: 5 } });
    expect(await call(port, [1, 1, 100])).toBe(0);
    await running.stop();
    for (const which of [role.client, role.server]) {
      const of = (kind: number) => heads(running, kind).filter((record) => record.u8(httpAt.role) === which);
      const requests = of(httpKind.request).map((record) => record.u32(httpAt.ordinal));
      expect(requests.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(of(httpKind.response).map((record) => record.u32(httpAt.ordinal))).toEqual(requests);
      expect(requests.length).toBeLessThan(50);
    }
    const told = heads(running, httpKind.request).length;
    expect(running.totals()?.muted).toBe(200 - told);
    const [end] = heads(running, httpKind.end);
    expect((end?.u8(httpAt.connFlags) ?? 0) & connFlag.muted).toBe(connFlag.muted);
    probes = undefined;
  });

  test("a connection with answers that were not counted is told of again, once it has paused and there is room", async () => {
    const running = await start({ filters: { rate: 1, burst: 1 } });
    const code = `
import socket, time
s = socket.create_server(("127.0.0.1", 0))
def connect(): return socket.create_connection(s.getsockname()), s.accept()[0]
def ask(path, c, d, before=b""):
    c.sendall(b"GET /%s HTTP/1.1\\r\\n\\r\\n" % path); d.recv(1000)
    d.sendall(before + b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"); c.recv(1000)
spending, held = connect(), connect()
for _ in range(10): ask(b"spent", *spending)
ask(b"held", *held, b"HTTP/1.1 100 Continue\\r\\n\\r\\n")
time.sleep(5)
ask(b"told", *held)
`;
    expect(await runIn(groups.client, python(code))).toBe(0);
    await running.stop();
    const asked = heads(running, httpKind.request).map(({ bytes }) =>
      bytes.toString("latin1", httpAt.data + 5, httpAt.data + 9),
    );
    expect(asked).not.toContain("held");
    expect(asked.filter((path) => path === "told")).toHaveLength(2);
    probes = undefined;
  });

  test.each([
    ["socket", ["uring 4", "mmsg 4", "splice 8", "compat 4"]],
    ["syscall", ["uring 0", "mmsg 0", "splice 0", "compat 0"]],
  ] as const)(
    "requests by io_uring, sendmmsg, splice and calls of 32 bits are no spans of their client, and those of the server are: %s",
    async (backend, flagged) => {
      const folder = mkdtempSync(join(tmpdir(), "podstamp-odd-calls-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const program = join(folder, "odd-calls");
      const source = join(root, "test/support/ebpf/odd-calls.c");
      expect(spawnSync("gcc", ["-O1", "-Wall", "-Wextra", "-o", program, source], { encoding: "utf8" }).stderr).toBe(
        "",
      );
      const running = await start({ backend });
      const ways: string[] = [];
      const ends = () => heads(running, httpKind.end).filter((record) => record.u8(httpAt.role) === role.client);
      for (const way of ["uring", "mmsg", "splice", "compat"]) {
        const end = await runIn(groups.client, [program, String(port), way]);
        // 77: this kernel has no such call.
        expect([0, 77]).toContain(end);
        if (end === 0) ways.push(way);
        // One after the other: a connection may end only after its process.
        await eventually(() => ends().length === ways.length, { what: `the end of the connection of ${way}` });
      }
      expect(ways).toContain("mmsg");
      await running.stop();
      const given = givenReader({ isClockSet: false });
      for (const { bytes } of running.records) given.reader.take(bytes, 0);
      const http = given.spans().filter(({ plain }) => plain["http.request.method"] !== undefined);
      expect(http.map(({ kind, plain }) => [kind, plain["url.path"]])).toEqual(ways.map((way) => [2, `/0/3/${way}`]));
      expect(given.dropped).toEqual({ unasked: ways.length });
      const marks = connFlag.unread | connFlag.sendfile;
      expect(ends().map((record, i) => `${ways[i]} ${record.u8(httpAt.connFlags) & marks}`)).toEqual(
        flagged.filter((mark) => ways.includes(mark.split(" ")[0] ?? "")),
      );
      probes = undefined;
    },
  );

  test("a reader that does not read costs records, each of which is counted, and no time of what is traced", async () => {
    const running = await start({ ringBytes: 65_536 });
    const times = 6000;
    // Nothing is read while this waits.
    const command = python(client, "127.0.0.1", String(port), "1", "20", String(times));
    const script = 'echo 0 > "$0" && exec "$@"';
    const { status } = spawnSync("/bin/sh", ["-c", script, `${groups.client.folder}/cgroup.procs`, ...command]);
    expect(status).toBe(0);
    await running.stop();
    const kernels = running.records.filter(({ type }) => type !== "clock" && type !== "cgroup").length;
    // Announcements of other cgroups may be lost too; ours came while there was room.
    const lost = (running.totals()?.lost ?? 0) - (running.totals()?.lostCgroup ?? 0);
    expect(lost).toBeGreaterThan(0);
    // On each side a request and a response, and at last an end and a connection.
    expect(kernels + lost).toBe(2 * (2 * times + 2));
    probes = undefined;
  });

  test("traffic of podstamp's own process is not told, nor the other side of it, but who has its port next is", async () => {
    const running = await start({ groups: [groups.server] });
    // To another port, since the first has not forgotten the connection yet. 98: somebody else was faster.
    const next = `
import socket, sys
c = socket.socket()
try: c.bind(("127.0.0.1", int(sys.argv[1])))
except OSError: sys.exit(98)
c.connect(("127.0.0.1", ${port6})); c.sendall(b"GET /0/1 HTTP/1.1\\r\\n\\r\\n"); c.recv(100); c.close()
`;
    let ours = 0;
    let status: unknown = 98;
    while (status === 98) {
      ours = await callAndReset(port);
      status = await runIn(groups.client, python(next, String(ours)));
    }
    expect(status).toBe(0);
    const told = await running.record("another's call", isConnection(role.server, port6));
    expect(told.u16(connAt.remotePort)).toBe(ours);
    await running.stop();
    expect(running.records.filter((record) => touches(record, port))).toEqual([]);
    expect(heads(running, httpKind.request)).toHaveLength(1);
    probes = undefined;
  });
});

/** A call of this process, whose port is free at once behind it; returns that. */
function callAndReset(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/0/3", headers: { connection: "keep-alive" } },
      (response) => {
        const { socket } = response;
        const { localPort } = socket;
        response.resume().on("end", () => socket.resetAndDestroy());
        response.on("close", () => resolve(localPort ?? 0));
      },
    );
    request.on("error", reject);
  });
}

function python(code: string, ...args: readonly string[]): readonly string[] {
  return ["/usr/bin/python3", "-S", "-c", code, ...args];
}

function isConnection(which: number, port: number): (record: TestRecord) => boolean {
  const at = which === role.client ? connAt.remotePort : connAt.localPort;
  return (record) => record.type === "conn" && record.u8(connAt.role) === which && record.u16(at) === port;
}

function touches(record: TestRecord, port: number): boolean {
  if (record.type === "conn") return [record.u16(connAt.localPort), record.u16(connAt.remotePort)].includes(port);
  return record.type === "http" && [record.u16(httpAt.localPort), record.u16(httpAt.remotePort)].includes(port);
}

function heads({ records }: Probes, kind: number): readonly TestRecord[] {
  return records.filter((record) => record.type === "http" && record.u8(httpAt.kind) === kind);
}
