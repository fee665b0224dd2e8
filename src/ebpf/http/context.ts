import type { Connection } from "./connection.ts";
import { ConnectionFlag, type HttpRecord } from "./record.ts";
import type { Beginning, Ending, Exchanges, Unknown } from "./exchange.ts";

/** What all connections share. */
export type Context = {
  /** What is taken now. */
  readonly record: HttpRecord;
  readonly exchanges: Exchanges;
  readonly beginning: Beginning;
  readonly ending: Ending;
  /** Connections whose reply may have ended without anybody saying so. */
  readonly unsettled: Set<Connection>;
  /** Counts messages of which there will be no span. */
  unknown(reason: Unknown, messages: number): void;
};

/** Ends the reply that is under way where nobody saw its end. */
export function cutReply(context: Context, connection: Connection): void {
  const { reply } = connection;
  if (reply === undefined) return;
  context.ending.isEstimated = reply.mayHaveEndedAt === undefined;
  endReply(context, connection, reply.mayHaveEndedAt ?? reply.lastTime);
  context.ending.isEstimated = false;
}

/** Ends the reply that is under way, of which all has moved by now. */
export function finishReply(context: Context, connection: Connection): void {
  const { reply } = connection;
  if (reply === undefined) return;
  const { record, ending } = context;
  ending.isEstimated = reply.mayHaveEndedAt === undefined && (record.connectionFlags & ConnectionFlag.unseen) !== 0;
  endReply(context, connection, reply.mayHaveEndedAt ?? connection.repliedAt(record));
  ending.isEstimated = false;
}

/** Ends the reply that is under way, at this time. */
export function endReply(context: Context, connection: Connection, time: number): void {
  const { reply } = connection;
  if (reply === undefined) return;
  const { ending } = context;
  connection.reply = undefined;
  context.unsettled.delete(connection);
  ending.code = reply.code;
  ending.bodySize = reply.bodySize;
  ending.time = Math.max(time, reply.lastTime);
  context.exchanges.end(reply.exchange, ending);
}

/** Messages are missing: whoever waits will not be told apart from others any more. */
export function lose(context: Context, connection: Connection, reason: Unknown): void {
  forgetWaiting(context, connection, reason);
  connection.requests.partial = undefined;
  connection.replies.partial = undefined;
  cutReply(context, connection);
  connection.pairing = connection.isPipelined ? "last" : "lost";
}

/** Between two messages stands something that was not seen: other messages, unless the bytes were not counted rightly. */
export function loseHidden(context: Context, connection: Connection): void {
  if ((context.record.connectionFlags & ConnectionFlag.inexact) === 0) connection.isPipelined = true;
  connection.lead = undefined;
  lose(context, connection, "hidden");
}

/** Those who wait get no answer that is known to be theirs. */
export function forgetWaiting(context: Context, connection: Connection, reason: Unknown): void {
  for (const exchange of connection.waiting) context.exchanges.forget(exchange);
  if (connection.waiting.length > 0) context.unknown(reason, connection.waiting.length);
  connection.waiting.length = 0;
  connection.ordinals.length = 0;
}
