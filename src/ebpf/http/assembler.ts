import { Connection, isServerSide } from "./connection.ts";
import { type Context, cutReply, endReply, forgetWaiting } from "./context.ts";
import { Beginning, Ending, type Exchanges, type Unknown } from "./exchange.ts";
import { RequestHead, ResponseHead } from "./head.ts";
import type { HeaderNames } from "./head.ts";
import { ConnectionFlag, Direction, HttpRecord, Kind } from "./record.ts";
import { takeEnd, takeMoreOfResponse, takeProgress, takeResponse } from "./replies.ts";
import { takeMoreOfRequest, takeRequest } from "./requests.ts";

export type AssemblerOptions = {
  readonly exchanges: Exchanges;
  readonly requestHeaders: HeaderNames;
  readonly responseHeaders: HeaderNames;
  /** Connections at a time; of more than that the oldest is forgotten. */
  readonly maxConnections: number;
  /** Counts messages that were seen and will have no span. */
  unknown(reason: Unknown, messages: number): void;
};

/** Makes exchanges of what the kernel reports of connections with HTTP/1 on them. */
export type Assembler = {
  /** What take() takes: to be filled before. */
  readonly record: HttpRecord;
  take(): void;
  /** Ends replies that have ended as far as anybody can tell at `now` (ns since the clock's base). */
  sweep(now: number): void;
  /** Connections of which something may still come. */
  size(): number;
  /** Replies that sweep() has to look at. */
  unsettled(): number;
  /** Forgets everything: the records to come are of another loader. */
  reset(): void;
};

/** After the last chunk of a chunked body this long nothing more has come. */
const chunkedQuietNs = 1e9;
/** The kernel reports a body's first chunks and then not each of them: so long without one, the rest has passed unseen. */
const bodyQuietNs = 10e9;
const reportedChunks = 16;

/** No connection moves so much; beyond it sums of offsets are not exact, and who steps from one to the next would not move on. */
const largestOffset = 2 ** 52;

export function createAssembler(options: AssemblerOptions): Assembler {
  const { exchanges, maxConnections, unknown } = options;
  const connections = new Map<number, Connection>();
  const record = new HttpRecord();
  const context: Context = {
    record,
    exchanges,
    unknown,
    beginning: new Beginning(record, new RequestHead(options.requestHeaders)),
    ending: new Ending(new ResponseHead(options.responseHeaders)),
    unsettled: new Set(),
  };

  const open = (): Connection => {
    if (connections.size >= maxConnections) {
      const [oldest] = connections;
      if (oldest !== undefined) drop(oldest[0], oldest[1]);
    }
    const isLate = (record.connectionFlags & ConnectionFlag.late) !== 0;
    const made = new Connection(isServerSide(record), isLate);
    connections.set(record.connection, made);
    return made;
  };

  const drop = (key: number, connection: Connection): void => {
    connections.delete(key);
    forgetWaiting(context, connection, "table_full");
    cutReply(context, connection);
  };

  const take = (): void => {
    if (record.offset > largestOffset) return unknown("malformed", 1);
    const known = connections.get(record.connection);
    switch (record.kind) {
      case Kind.request:
        return takeRequest(context, known ?? open());
      case Kind.response:
        // Behind an interim one may be one that the kernel has not counted, which must be known of the next ones.
        if (known === undefined && record.ordinal !== 0) return unknown("unasked", 1);
        return takeResponse(context, known ?? open());
      case Kind.more:
        if (known === undefined) return;
        return known.isServer === (record.direction === Direction.received)
          ? takeMoreOfRequest(context, known)
          : takeMoreOfResponse(context, known);
      case Kind.progress:
        if (known !== undefined) takeProgress(context, known);
        return;
      case Kind.end:
        if (known === undefined) return;
        connections.delete(record.connection);
        takeEnd(context, known);
    }
  };

  const sweep = (now: number): void => {
    for (const connection of context.unsettled) {
      const { reply } = connection;
      if (reply === undefined) context.unsettled.delete(connection);
      else if (reply.mayHaveEndedAt !== undefined) {
        if (now - reply.mayHaveEndedAt > chunkedQuietNs) endReply(context, connection, reply.mayHaveEndedAt);
      } else if ((reply.isCut || reply.progress >= reportedChunks) && now - reply.lastTime > bodyQuietNs)
        cutReply(context, connection);
    }
  };

  return {
    record,
    take,
    sweep,
    size: () => connections.size,
    unsettled: () => context.unsettled.size,
    reset() {
      for (const [key, connection] of connections) {
        connections.delete(key);
        forgetWaiting(context, connection, "lost");
        cutReply(context, connection);
      }
    },
  };
}
