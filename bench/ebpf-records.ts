/*
 * How many records of the eBPF probes one core turns into OTLP bytes: a ring of HTTP exchanges, both ends of each, is replayed from
 * memory. Two of three have a trace context; for the others IDs are derived.
 */
import { createReader } from "../src/ebpf/reader.ts";
import { cgroupRecord, client, clockRecord, httpRecord, server } from "../test/ebpf/records.ts";
import { readerSettings } from "../test/ebpf/given-reader.ts";

const connections = 200;
const exchanges = 20;
const seconds = 2;

/** Every exchange of every connection, as its client and its server report it: four records. */
function ring(): { readonly bytes: Buffer; readonly at: readonly number[] } {
  const records: Buffer[] = [clockRecord(), cgroupRecord(`/kubepods/pod1/${"a".repeat(64)}`)];
  const response =
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\nConnection: keep-alive\r\n\r\n{"status":"accepted"}';
  const asked = Array.from({ length: connections }, () => 0);
  for (let exchange = 0; exchange < exchanges; exchange++)
    for (let connection = 0; connection < connections; connection++) {
      const context =
        exchange % 3 === 0
          ? ""
          : `traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033${10 + (exchange % 80)}-01\r\n`;
      const text = `GET /api/v1/cart/items HTTP/1.1\r\nHost: checkout.shop.svc:8080\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\n${context}Accept-Encoding: gzip\r\n\r\n`;
      const [before, answered] = [asked[connection] ?? 0, exchange * response.length];
      asked[connection] = before + text.length;
      const common = { ordinal: exchange + 1, at: BigInt(exchange * 1000), sequence: before };
      const ofClient = { ...common, role: 1, connection: connection * 2, local: client, remote: server };
      const ofServer = { ...common, role: 2, connection: connection * 2 + 1, tgid: 200 };
      const after = before + text.length;
      records.push(
        httpRecord({ ...ofClient, kind: 1, direction: 1, text, offset: before, tx: before, rx: answered }),
        httpRecord({ ...ofServer, kind: 1, direction: 0, text, offset: before, rx: before, tx: answered }),
        httpRecord({ ...ofServer, kind: 2, direction: 1, text: response, offset: answered, rx: after, tx: answered }),
        httpRecord({ ...ofClient, kind: 2, direction: 0, text: response, offset: answered, tx: after, rx: answered }),
      );
    }
  const at: number[] = [];
  let length = 0;
  for (const record of records) {
    at.push(length);
    length += record.length;
  }
  return { bytes: Buffer.concat(records), at };
}

const { bytes, at } = ring();
let made = 0;
let unknown = 0;

function replay(): void {
  const reader = createReader({
    settings: { ...readerSettings, maxHeldBytes: 64 * 1024 * 1024 },
    identify: () => ({ isWanted: true, attributes: new Map([["container.id", "a".repeat(64)]]) }),
    takes: { traces: true, logs: true },
    version: "0.0.0",
    hasRoom: () => true,
    onKnown: () => {},
    dropped: (_, count) => (unknown += count),
  });
  for (const [i, offset] of at.entries()) {
    reader.take(bytes, offset);
    if (i % 2000 === 0) made += reader.spans.take()?.items ?? 0;
  }
  made += reader.spans.take()?.items ?? 0;
}

for (let i = 0; i < 5; i++) replay();
made = 0;
const before = process.cpuUsage();
const started = performance.now();
let records = 0;
while (performance.now() - started < seconds * 1000) {
  replay();
  records += at.length;
}
const { user, system } = process.cpuUsage(before);
const cpu = (user + system) / 1e6;
console.log(
  `${Math.round(records / cpu / 1000)} thousand records a CPU second, ${Math.round(made / cpu / 1000)} thousand spans; ${unknown} not made`,
);
