import { chunkedEnd } from "./chunked.ts";
import { anything, type Connection, Partial, unknown } from "./connection.ts";
import { type Context, finishReply, forgetWaiting, lose, loseHidden } from "./context.ts";
import { preambleEnd } from "./preamble.ts";
import { Flag, type HttpRecord } from "./record.ts";

/** Bytes that may stand before a request and mean nothing: RFC 9112 section 2.2. */
const strayBytes = 2;
/** Requests that may wait on one connection. */
const maxWaiting = 1024;

/** A chunk that begins with the head of a request, or with what looks like one. */
export function takeRequest(context: Context, connection: Connection): void {
  const { record } = context;
  const { requests } = connection;
  const { partial } = requests;
  record.skipTail(requests.end);
  const isMore = partial?.isFollowedBy(record) === true;
  if (isMore || isInside(connection, record)) {
    requests.ordinal = record.ordinal;
    if (connection.lead !== undefined) connection.lead++;
    if (isMore) takeMoreOfRequest(context, connection);
    return;
  }
  const isGap = requests.ordinal !== -1 && record.ordinal !== (requests.ordinal + 1) >>> 0;
  requests.ordinal = record.ordinal;
  finishPartial(context, connection);
  const isUnseen = connection.isAnsweredUnseen(record);
  if (connection.waiting.length > 0 && !isUnseen) connection.isPipelined = true;
  if (isGap) lose(context, connection, "lost");
  else if (isHole(requests.end, record.offset)) {
    loseHidden(context, connection);
  } else if (connection.waiting.length > 0 && isUnseen) {
    lose(context, connection, "lost");
    connection.mayHideReply = true;
  }
  settleReply(context, connection);
  connection.repliedWhenAsked = connection.repliedBytes(record);
  readRequests(context, connection);
}

/** More of a head, or what belongs to no head. */
export function takeMoreOfRequest(context: Context, connection: Connection): void {
  const { record } = context;
  const { requests } = connection;
  const { partial } = requests;
  if (partial === undefined) return;
  const isAppended = partial.append(record);
  if (!isAppended) partial.isCut = true;
  requests.partial = undefined;
  readRequests(context, connection, partial);
}

/** A head of which no more will come is taken for what it is. */
export function finishPartial(context: Context, connection: Connection): void {
  const { partial } = connection.requests;
  if (partial === undefined) return;
  connection.requests.partial = undefined;
  partial.isCut = true;
  readRequests(context, connection, partial);
}

/** Whether the chunk stands within the body of the request before. Where nobody knows how long that is: as long as it is not answered. */
function isInside(connection: Connection, record: HttpRecord): boolean {
  const { requests, waiting, pairing } = connection;
  if (requests.end === unknown) return waiting.length > 0 && pairing !== "last" && !connection.isAnsweredUnseen(record);
  return requests.end >= 0 && record.offset < requests.end;
}

function isHole(end: number, offset: number): boolean {
  return end >= 0 && offset > end + strayBytes;
}

/** A request has come: the response before it has ended, or the client did not wait for its end. */
function settleReply(context: Context, connection: Connection): void {
  const { record } = context;
  const { reply, replies } = connection;
  if (connection.waiting.length > 0) pipelines(context, connection);
  if (reply === undefined) return;
  const end = Math.max(replies.end, reply.leastEnd);
  if (end >= 0) {
    // Of a head that was cut more may have come than had to.
    if (reply.isCut) reply.mayHaveEndedAt = undefined;
    if (connection.repliedBytes(record) >= end) finishReply(context, connection);
    else pipelines(context, connection);
  } else if (reply.mayHaveEndedAt !== undefined) finishReply(context, connection);
  else if (reply.mayBeFollowed) {
    // Its last chunk was not recognized, or it goes on: then more of it comes before another head.
    reply.mayHaveEndedAt = connection.repliedAt(record);
    context.unsettled.add(connection);
  }
}

/** While it is not known who waits, order tells nobody whose an answer is. */
function pipelines(context: Context, connection: Connection): void {
  connection.isPipelined = true;
  if (connection.pairing !== "lost") return;
  connection.pairing = "last";
  forgetWaiting(context, connection, "blind");
}

/** Takes one request after the other out of a chunk, or of a head that was put together of several. */
function readRequests(context: Context, connection: Connection, from?: Partial): void {
  const { record, beginning } = context;
  const { head } = beginning;
  const { requests } = connection;
  const bytes = from?.bytes ?? record.bytes;
  const stop = from === undefined ? record.dataEnd : from.bytes.length;
  const chunkEnd = from?.chunkEnd ?? record.offset + record.chunk;
  const first = from === undefined ? record.dataStart : 0;
  const firstOffset = from?.offset ?? record.offset;
  const start = firstOffset === 0 ? preambleEnd(bytes, first, stop) : first;
  if (start > first && start >= stop) {
    requests.end = start - first;
    // The kernel took it for a request.
    if (connection.lead !== undefined) connection.lead++;
    if (requests.end < chunkEnd) hide(context, connection);
    return;
  }
  for (let at = start; ;) {
    const offset = firstOffset + (at - first);
    const status = head.read(bytes, at, stop);
    if (status === "malformed") return context.unknown("malformed", 1);
    const isCut = status === "partial" && (from?.isCut ?? record.isCutAt(firstOffset + (stop - first)));
    if (status === "partial" && !isCut) {
      requests.partial = from !== undefined && at === first ? from : new Partial(record, at, from);
      return;
    }
    if (isCut && head.targetEnd === head.targetStart) return context.unknown("malformed", 1);
    if (at > start || connection.waiting.length > 0) pipelines(context, connection);
    if (connection.pairing === "last" || connection.waiting.length >= maxWaiting) {
      connection.pairing = "last";
      context.unknown("blind", 1);
    } else {
      beginning.bytes = bytes;
      beginning.start = at;
      beginning.time = from?.time ?? record.time;
      beginning.tcpSequence = ((from?.tcpSequence ?? record.tcpSequence) + (at - first)) >>> 0;
      beginning.isCut = isCut;
      if (at === start && connection.takeOvertaken()) context.unknown("lost", 1);
      else begin(context, connection);
    }
    requests.end = isCut ? unknown : endOf(context, { bytes, stop, offset, chunkEnd, at, flags: record.flags });
    if (isCut && at > start) return hide(context, connection);
    if (requests.end === unknown || requests.end >= chunkEnd) return;
    at = skipBlank(bytes, at + (requests.end - offset), stop);
    if (at < stop) continue;
    if (firstOffset + (stop - first) < chunkEnd) hide(context, connection);
    return;
  }
}

/** More stands in the chunk than was captured: who knows how many requests. */
function hide(context: Context, connection: Connection): void {
  connection.isPipelined = true;
  connection.pairing = "last";
  connection.requests.end = anything;
  context.unknown("hidden", 1);
}

function begin({ beginning, exchanges }: Context, connection: Connection): void {
  beginning.isServer = connection.isServer;
  beginning.isFirstOfLate = connection.isFirstOfLate;
  connection.isFirstOfLate = false;
  connection.waiting.push(exchanges.begin(beginning));
  connection.ordinals.push(connection.requests.ordinal);
}

type Message = {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly stop: number;
  readonly offset: number;
  readonly chunkEnd: number;
  readonly flags: number;
};

/** Offset behind the request whose head was just read. */
function endOf({ beginning: { head } }: Context, { bytes, at, stop, offset, chunkEnd, flags }: Message): number {
  const bodyOffset = offset + (head.end - at);
  if (head.isChunked) {
    const end = chunkedEnd(bytes, head.end, stop);
    if (end >= 0) return offset + (end - at);
    return (flags & Flag.endsChunked) !== 0 ? chunkEnd : unknown;
  }
  if (head.contentLength === -2) return unknown;
  // Who waits for 100 Continue may be answered otherwise, and then sends no body.
  if (head.expectsContinue && bodyOffset === chunkEnd) return unknown;
  return bodyOffset + Math.max(head.contentLength, 0);
}

function skipBlank(bytes: Uint8Array, at: number, stop: number): number {
  let next = at;
  while (next < stop && (bytes[next] === 13 || bytes[next] === 10)) next++;
  return next;
}
