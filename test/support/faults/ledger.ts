import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ExportTraceServiceRequest } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { grpcClient } from "../grpc/peer.ts";
import { traceRequest } from "../otlp/sender.ts";

/** What came of a scenario, in spans. */
export type Row = {
  readonly scenario: string;
  readonly sent: number;
  readonly acknowledged: number;
  readonly arrived: number;
  /** Acknowledged and not arrived. */
  readonly lost: number;
  /** Arrived more than once, each arrival beyond the first. */
  readonly duplicates: number;
};

/** Every span has a number, which stands in its span ID behind the mark of its ledger. */
export type Ledger = ReturnType<typeof createLedger>;

const markBytes = 4;
const idBytes = 8;

/** Opens the books of one scenario. */
export function createLedger() {
  const mark = randomBytes(markBytes);
  const acknowledged = new Set<number>();
  const arrivals = new Map<number, number>();
  let sent = 0;
  // Of numbers that are settled only this is kept, so that a long run needs no more memory than a short one.
  let settled = 0;
  let again = 0;

  return {
    mark,
    /** A request of new spans, and their numbers. */
    next(template: Template): { readonly message: Buffer; readonly numbers: readonly number[] } {
      const message = Buffer.from(template.message);
      if (template.container !== undefined) message.write(template.container.now(), template.container.at, "latin1");
      const numbers = template.idsAt.map((at) => {
        mark.copy(message, at);
        message.writeUInt32BE(sent, at + markBytes);
        return sent++;
      });
      return { message, numbers };
    },
    acknowledge(numbers: readonly number[]): void {
      for (const number of numbers) acknowledged.add(number);
    },
    /** Notes every span that is in these bytes. */
    arrive(bytes: Buffer): void {
      for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + idBytes)) {
        const number = bytes.readUInt32BE(at + markBytes);
        arrivals.set(number, (arrivals.get(number) ?? 0) + 1);
      }
    },
    /** Forgets what was acknowledged and has arrived once; a second arrival of it is not seen any more. */
    settleOld(): void {
      for (const number of acknowledged) {
        const count = arrivals.get(number) ?? 0;
        if (count === 0) continue;
        acknowledged.delete(number);
        arrivals.delete(number);
        settled++;
        again += count - 1;
      }
    },
    acknowledgedCount: () => acknowledged.size + settled,
    acknowledged: (): ReadonlySet<number> => acknowledged,
    has: (number: number): boolean => arrivals.has(number),
    missing: (): number => [...acknowledged].filter((number) => !arrivals.has(number)).length,
    row(scenario: string): Row {
      const arrived = arrivals.size + settled;
      const all = again + settled + [...arrivals.values()].reduce((sum, count) => sum + count, 0);
      const lost = [...acknowledged].filter((number) => !arrivals.has(number)).length;
      return { scenario, sent, acknowledged: acknowledged.size + settled, arrived, lost, duplicates: all - arrived };
    },
  };
}

/** A request whose span IDs, and container if it has one, are to be filled in. */
export type Template = {
  readonly message: Buffer;
  readonly idsAt: readonly number[];
  readonly container?: { readonly at: number; readonly now: () => string };
};

type TemplateOptions = {
  readonly spans?: number;
  readonly bytes?: number;
  readonly name?: string;
  /** Tells the container that a request is of, when it is sent. */
  readonly container?: () => string;
};

/** A request of so many spans, each with a text of so many bytes. */
export function templateOf({ spans = 10, bytes = 200, name = "s", container }: TemplateOptions = {}): Template {
  const text = randomBytes(Math.ceil(bytes / 2)).toString("hex");
  const records = Array.from({ length: spans }, () => ({ name, attributes: { text } }));
  const place = randomBytes(32).toString("hex");
  const request = traceRequest([
    { ...(container === undefined ? {} : { resource: { "container.id": place } }), records },
  ]);
  const mark = Buffer.from("f0e1d2c3b4a59687", "hex");
  for (const { scopeSpans } of request.resourceSpans)
    for (const scope of scopeSpans) for (const span of scope.spans) span.spanId = mark;
  const message = Buffer.from(ExportTraceServiceRequest.encode(request).finish());
  const idsAt: number[] = [];
  for (let at = message.indexOf(mark); at >= 0; at = message.indexOf(mark, at + idBytes)) idsAt.push(at);
  const at = message.indexOf(place);
  return { message, idsAt, ...(container === undefined ? {} : { container: { at, now: container } }) };
}

export type LoadOptions = {
  readonly address: string;
  readonly template?: Template;
  readonly requestsPerSecond?: number;
  readonly connections?: number;
  readonly maxInFlight?: number;
};

/** Who is refused does not come again at once. */
const afterRefusalMs = 500;

/** Sends requests at a rate until it is stopped, as SDKs do that give up a request which is not acknowledged. */
export function startLoad(ledger: Ledger, options: LoadOptions) {
  const { address, template = templateOf(), requestsPerSecond = 200, connections = 2, maxInFlight = 100 } = options;
  const channel = {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 200,
  };
  const clients = Array.from({ length: connections }, () => grpcClient(address, { channel }));
  const refusals = new Map<string, number>();
  let isStopped = false;
  let inFlight = 0;
  let count = 0;

  const one = async (): Promise<void> => {
    const { message, numbers } = ledger.next(template);
    inFlight++;
    const outcome = await clients[count++ % clients.length]?.call(message, { deadlineMs: 10_000 });
    if (outcome?.code === 0) ledger.acknowledge(numbers);
    else {
      const said = `${outcome?.code} ${outcome?.details}`;
      refusals.set(said, (refusals.get(said) ?? 0) + 1);
      await sleep(afterRefusalMs);
    }
    inFlight--;
  };
  const run = async (): Promise<void> => {
    const begun = performance.now();
    const before = count;
    while (!isStopped) {
      const due = ((performance.now() - begun) / 1000) * requestsPerSecond;
      while (count - before < due && inFlight < maxInFlight && !isStopped) void one();
      await sleep(5);
    }
    while (inFlight > 0) await sleep(10);
    for (const client of clients) client.close();
  };
  const running = run();
  return {
    one,
    refusals,
    requests: () => count,
    /** Sends nothing more and waits for the answers to what was sent. */
    async stop(): Promise<void> {
      isStopped = true;
      await running;
    },
  };
}
