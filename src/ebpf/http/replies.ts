import { chunkedEnd } from "./chunked.ts";
import { anything, type Connection, Partial, Reply, unknown } from "./connection.ts";
import { type Context, endReply, finishReply, forgetWaiting, lose, loseHidden } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import { ConnectionFlag, Flag, type HttpRecord } from "./record.ts";
import { finishPartial } from "./requests.ts";

/** A chunk that begins with the head of a response, or with what looks like one. */
export function takeResponse(context: Context, connection: Connection): void {
  const { record } = context;
  const { replies } = connection;
  record.skipTail(replies.end);
  const isMore = replies.partial?.isFollowedBy(record) === true;
  const isGap = record.ordinal !== 0 && replies.ordinal !== -1 && record.ordinal !== (replies.ordinal + 1) >>> 0;
  if (record.ordinal !== 0) {
    replies.ordinal = record.ordinal;
    if (connection.mayHideReply && !isGap) connection.lead = undefined;
    connection.mayHideReply = false;
  }
  if (isMore || isInside(connection, record)) {
    if (record.ordinal !== 0 && connection.lead !== undefined) connection.lead--;
    if (isMore) takeMoreOfResponse(context, connection);
    return;
  }
  connection.isReplyCounted = record.ordinal !== 0;
  if (connection.waiting.length === 0) finishPartial(context, connection);
  // Where it is known that something is missing, the ordinals tell whose answer this is.
  const isExpected = connection.pairing === "lost" && connection.lead !== undefined;
  if (isGap) {
    if (!isExpected) lose(context, connection, "lost");
  } else if (replies.end >= 0 && record.offset > replies.end) {
    loseHidden(context, connection);
  }
  // A response has come: the one before has ended.
  finishReply(context, connection);
  readResponses(context, connection);
}

/** More of a head. */
export function takeMoreOfResponse(context: Context, connection: Connection): void {
  const { record } = context;
  const { partial } = connection.replies;
  if (partial === undefined) {
    // What was wanted of a head that had ended already is body.
    if (endsChunked(record)) record.flags |= Flag.endsChunked;
    return takeProgress(context, connection);
  }
  connection.replies.partial = undefined;
  if (!partial.append(record)) partial.isCut = true;
  readResponses(context, connection, partial);
}

const lastChunk = Buffer.from("\r\n0\r\n\r\n");

/** Whether a chunk that was captured whole is, or ends with, the end of a body of chunks. */
function endsChunked({ bytes, dataStart, dataEnd, chunk }: HttpRecord): boolean {
  if (dataEnd - dataStart < chunk || chunk < 5) return false;
  const from = chunk === 5 ? 2 : 0;
  for (let i = from; i < 7; i++) if (bytes[dataEnd - 7 + i] !== lastChunk[i]) return false;
  return chunk === 5 || chunk >= 7;
}

/** Bytes of a response's body have moved. */
export function takeProgress(context: Context, connection: Connection): void {
  const { record } = context;
  const { reply, replies } = connection;
  if (reply === undefined) return;
  const chunkEnd = record.offset + record.chunk;
  reply.lastTime = record.time;
  reply.bodyEnd = chunkEnd;
  reply.progress++;
  reply.mayHaveEndedAt = undefined;
  if (replies.end >= 0 && !reply.isChunked) {
    if (chunkEnd >= replies.end) endReply(context, connection, record.time);
    else context.unsettled.add(connection);
  } else if (reply.mayEndWith(chunkEnd, (record.flags & Flag.endsChunked) !== 0)) {
    // Text that ends with a zero and a line break looks the same: the end is certain when nothing more of it comes.
    reply.mayHaveEndedAt = record.time;
    context.unsettled.add(connection);
  }
}

/** The connection has closed. */
export function takeEnd(context: Context, connection: Connection): void {
  const { record } = context;
  const { reply, replies, waiting } = connection;
  const { ending } = context;
  if (connection.pairing === "paired" && connection.requests.partial?.isCut === true)
    finishPartial(context, connection);
  const replied = connection.repliedBytes(record);
  if (reply !== undefined) {
    if (!reply.isChunked && !reply.isCut && replies.end === unknown)
      reply.bodySize = Math.max(replied - reply.bodyStart, 0);
    ending.isIncomplete =
      (record.connectionFlags & ConnectionFlag.inexact) === 0 &&
      (reply.isChunked ? isCutByServer(record, reply, replied) : replied < Math.max(replies.end, reply.leastEnd));
    finishReply(context, connection);
    ending.isIncomplete = false;
  }
  // More was answered than was seen.
  const isUnseen = connection.isAnsweredUnseen(record);
  const isMuted = (record.connectionFlags & ConnectionFlag.muted) !== 0;
  if (isUnseen || isMuted || replies.partial !== undefined) return forgetWaiting(context, connection, "lost");
  ending.code = 0;
  ending.bodySize = -1;
  ending.time = record.time;
  ending.isEstimated = false;
  for (const exchange of waiting) context.exchanges.end(exchange, ending);
  waiting.length = 0;
}

/** Whether a body of chunks lacks its end by the doing of who sends it. Who has read enough may leave one that never ends. */
function isCutByServer({ flags, connectionFlags }: HttpRecord, reply: Reply, replied: number): boolean {
  if (reply.mayHaveEndedAt !== undefined || (connectionFlags & ConnectionFlag.unseen) !== 0) return false;
  if ((flags & Flag.endedByServer) === 0) return false;
  return (flags & Flag.endsEmpty) === 0 || replied <= reply.bodyStart;
}

/** Whether what looks like a head stands within the body of the response before. */
function isInside({ reply, replies, waiting, requests }: Connection, { offset }: HttpRecord): boolean {
  if (replies.end >= 0) return offset < replies.end;
  if (reply === undefined || (reply.mayHaveEndedAt !== undefined && offset === reply.bodyEnd)) return false;
  // A body that ends with the connection has nothing behind it; another one: nothing that nobody has asked for.
  return !reply.mayBeFollowed || (waiting.length === 0 && requests.partial === undefined);
}

/** Takes one response after the other out of a chunk, or of a head that was put together of several. */
function readResponses(context: Context, connection: Connection, from?: Partial): void {
  const { record } = context;
  const { head } = context.ending;
  const { replies } = connection;
  const bytes = from?.bytes ?? record.bytes;
  const stop = from === undefined ? record.dataEnd : from.bytes.length;
  const chunkEnd = from?.chunkEnd ?? record.offset + record.chunk;
  const first = from === undefined ? record.dataStart : 0;
  const firstOffset = from?.offset ?? record.offset;
  for (let at = first; ;) {
    const offset = firstOffset + (at - first);
    const status = head.read(bytes, at, stop);
    if (status === "malformed") return context.unknown("malformed", 1);
    const isCut = status === "partial" && (from?.isCut ?? record.isCutAt(firstOffset + (stop - first)));
    if (status === "partial" && !isCut) {
      replies.partial = from !== undefined && at === first ? from : new Partial(record, at, from);
      return;
    }
    if (head.code === 0) return lose(context, connection, "malformed");
    if (head.code < 200 && head.code !== 101) replies.end = isCut ? unknown : offset + (head.end - at);
    else answer(context, connection, { bytes, at, stop, offset, chunkEnd, isCut });
    if (replies.end < 0 || replies.end >= chunkEnd) return;
    at += replies.end - offset;
    if (at < stop) continue;
    if (firstOffset + (stop - first) < chunkEnd) {
      // More stands in the chunk than was captured: who knows how many responses.
      connection.isPipelined = true;
      connection.lead = undefined;
      lose(context, connection, "hidden");
      replies.end = anything;
    }
    return;
  }
}

type Message = {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly stop: number;
  readonly offset: number;
  readonly chunkEnd: number;
  readonly isCut: boolean;
};

/** Gives the response whose head was just read to the request that it is of. */
function answer(context: Context, connection: Connection, message: Message): void {
  const { exchanges, ending, record } = context;
  const { head } = ending;
  const { at, offset, chunkEnd, isCut } = message;
  const { replies } = connection;
  const exchange = nextWaiting(context, connection);
  const bodyStart = offset + (head.end - at);
  const isBodiless =
    exchange?.isHead === true ||
    head.code === 204 ||
    head.code === 304 ||
    head.code === 101 ||
    isTunnel(exchange, head.code);
  const isChunked = !isBodiless && head.isChunked;
  const hasLength = !isCut && !isChunked && head.contentLength >= 0;
  replies.end = isCut
    ? unknown
    : isBodiless
      ? bodyStart
      : isChunked
        ? chunksEnd(message, head.end, record.flags)
        : hasLength
          ? bodyStart + head.contentLength
          : unknown;
  if (exchange === undefined) {
    connection.isFirstOfLate = false;
    // Nobody knows whether it answers a HEAD.
    if (head.contentLength > 0) replies.end = unknown;
    return context.unknown("unasked", 1);
  }
  ending.bytes = message.bytes;
  ending.code = head.code;
  exchanges.answer(exchange, ending);
  const bodySize = isBodiless ? 0 : isChunked ? -1 : Math.max(head.contentLength, -1);
  const leastEnd = isCut && bodySize >= 0 ? bodyStart + bodySize : unknown;
  const facts = { code: head.code, isChunked, isCut, bodyStart, bodySize, leastEnd, lastTime: record.time };
  const reply = new Reply(exchange, facts);
  connection.reply = reply;
  if (replies.end >= 0 && replies.end <= chunkEnd) endReply(context, connection, record.time);
  else if (isCut) {
    reply.bodyEnd = chunkEnd;
    if (reply.mayEndWith(chunkEnd, (record.flags & Flag.endsChunked) !== 0)) reply.mayHaveEndedAt = record.time;
    context.unsettled.add(connection);
  }
  if (head.code === 101 || isTunnel(exchange, head.code)) {
    // What follows is another protocol.
    forgetWaiting(context, connection, "blind");
    connection.pairing = "last";
    connection.requests.end = anything;
  }
}

function isTunnel(exchange: Exchange | undefined, code: number): boolean {
  return exchange?.isConnect === true && code >= 200 && code < 300;
}

function chunksEnd({ bytes, at, stop, offset, chunkEnd }: Message, body: number, flags: number): number {
  const end = chunkedEnd(bytes, body, stop);
  if (end >= 0) return offset + (end - at);
  return (flags & Flag.endsChunked) !== 0 && chunkEnd > offset + (body - at) ? chunkEnd : unknown;
}

/** The request that waits for this response; undefined when there is none, or nobody can say which. */
function nextWaiting(context: Context, connection: Connection): Exchange | undefined {
  const { waiting, ordinals, replies, pairing, isReplyCounted } = connection;
  connection.isReplyCounted = false;
  if (!isReplyCounted && connection.lead !== undefined) connection.lead++;
  const { lead } = connection;
  const [exchange] = waiting;
  const [ordinal] = ordinals;
  if (exchange === undefined || ordinal === undefined) return undefined;
  if (pairing === "lost" && lead !== undefined) {
    const behind = (ordinal - lead - replies.ordinal) | 0;
    // It answers one of those that were lost.
    if (isReplyCounted && behind > 0) return undefined;
    // Of one that was not counted nobody knows how many were before it.
    if (!isReplyCounted || behind < 0) {
      forgetWaiting(context, connection, "lost");
      return undefined;
    }
  }
  waiting.shift();
  ordinals.shift();
  if (pairing === "lost") connection.pairing = "paired";
  if (isReplyCounted) connection.lead = (ordinal - replies.ordinal) | 0;
  return exchange;
}
