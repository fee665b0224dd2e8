import type { Exchange } from "./exchange.ts";
import { Role } from "./record.ts";
import type { HttpRecord } from "./record.ts";

/** Nothing is known of where a body ends. */
export const unknown = -1;
/** Nothing was seen of a direction: whatever comes first is right. */
export const anything = -2;

/** One direction of a connection. */
export class Stream {
  /** Of the head that was seen last; -1 while nobody knows. */
  ordinal = 0;
  /** Offset of the byte behind the message that was seen last; `unknown` or `anything`. */
  end = 0;
  /** A head of which more is to come. */
  partial: Partial | undefined = undefined;
}

/** The largest head that is put together of pieces. */
const maxHeadBytes = 16 * 1024;

/** The beginning of a head, copied, until the rest is there. */
export class Partial {
  bytes: Buffer;
  readonly offset: number;
  readonly time: number;
  readonly tcpSequence: number;
  /** Offset behind the chunk that was taken last. */
  chunkEnd: number;
  /** Bytes of it were not captured: nothing more can be put behind it. */
  isCut: boolean;

  /** Copies what begins at `start` of the record's bytes, or of those of a head that was put together and has more behind it. */
  constructor(record: HttpRecord, start: number, from?: Partial) {
    const first = from === undefined ? record.dataStart : 0;
    const bytes = from === undefined ? record.bytes.subarray(start, record.dataEnd) : from.bytes.subarray(start);
    this.bytes = Buffer.from(bytes);
    this.offset = (from?.offset ?? record.offset) + (start - first);
    this.time = record.time;
    this.tcpSequence = ((from?.tcpSequence ?? record.tcpSequence) + (start - first)) >>> 0;
    this.chunkEnd = from?.chunkEnd ?? record.offset + record.chunk;
    this.isCut = record.isCutAt(this.offset + this.bytes.length);
  }

  /**
   * Whether the chunk goes on where it ends, or up to a few bytes before: the kernel tells bytes that may begin a head once more, with
   * those behind them.
   */
  isFollowedBy({ offset, chunk }: HttpRecord): boolean {
    return !this.isCut && offset <= this.chunkEnd && offset + chunk > this.chunkEnd;
  }

  /** Puts the chunk behind it; false when bytes between them are missing, or it has become too large. */
  append(record: HttpRecord): boolean {
    const known = this.chunkEnd - record.offset;
    const added = record.dataEnd - record.dataStart - known;
    if (!this.isFollowedBy(record) || added < 0 || this.bytes.length + added > maxHeadBytes) return false;
    this.bytes = Buffer.concat([this.bytes, record.bytes.subarray(record.dataStart + known, record.dataEnd)]);
    this.chunkEnd = record.offset + record.chunk;
    this.isCut = record.isCutAt(record.offset + known + added);
    return true;
  }
}

/** A response of which the head was seen and the end was not. */
export class Reply {
  readonly exchange: Exchange;
  readonly code: number;
  readonly isChunked: boolean;
  /** Its head was longer than what is captured. */
  readonly isCut: boolean;
  /** Of the first byte of its body; of a head that was cut: of the first byte that is not known. */
  readonly bodyStart: number;
  /** -1: not known. */
  bodySize: number;
  /** Where it ends at the earliest: of a head that was cut and says how long the body is; else `unknown`. */
  readonly leastEnd: number;
  lastTime: number;
  /** How often its body was reported. */
  progress = 0;
  /** When it ended, if nothing more of it comes; undefined while nothing says so. */
  mayHaveEndedAt: number | undefined = undefined;
  /** Offset behind what was reported last of its body. */
  bodyEnd = 0;

  constructor(
    exchange: Exchange,
    facts: Pick<Reply, "code" | "isChunked" | "isCut" | "bodyStart" | "bodySize" | "leastEnd" | "lastTime">,
  ) {
    this.exchange = exchange;
    this.code = facts.code;
    this.isChunked = facts.isChunked;
    this.isCut = facts.isCut;
    this.bodyStart = facts.bodyStart;
    this.bodySize = facts.bodySize;
    this.leastEnd = facts.leastEnd;
    this.lastTime = facts.lastTime;
  }

  /** Whether another response may stand behind it, as far as its head is known: it does not end with the connection. */
  get mayBeFollowed(): boolean {
    return this.isChunked || this.isCut;
  }

  /** Whether a chunk up to `chunkEnd` may be its last where its head does not tell, `endsChunked` as the kernel saw it. */
  mayEndWith(chunkEnd: number, endsChunked: boolean): boolean {
    if (this.leastEnd >= 0) return chunkEnd >= this.leastEnd;
    return endsChunked && this.mayBeFollowed;
  }
}

/**
 * What may be paired on a connection.
 * paired: every request with its response. lost: some messages are missing; the next request begins anew, and is paired when the
 * ordinals agree. last: no more requests are taken, those that wait may still be answered.
 */
export type Pairing = "paired" | "lost" | "last";

/** One TCP connection with HTTP/1 on it, as one of its ends sees it. */
export class Connection {
  readonly isServer: boolean;
  pairing: Pairing = "paired";
  /** A request was sent before the one before was answered: then order alone tells whose an answer is. */
  isPipelined = false;
  readonly requests = new Stream();
  readonly replies = new Stream();
  /** In the order in which they will be answered, with the ordinals of their heads. */
  readonly waiting: Exchange[] = [];
  readonly ordinals: number[] = [];
  reply: Reply | undefined = undefined;
  /** Bytes of replies when the last request came. */
  repliedWhenAsked = 0;
  /** Ordinal of a request less that of its response, as of the last pair; undefined when there was none. */
  lead: number | undefined;
  /** Something was answered of which no head was seen: one that the kernel did not count, unless the ordinals tell otherwise. */
  mayHideReply = false;
  /** The kernel has counted the response that is read next: its chunk begins with it, not with an interim one or another. */
  isReplyCounted = false;
  isFirstOfLate: boolean;
  /** The last request was overtaken. */
  #isOvertaken = false;

  constructor(isServer: boolean, isLate: boolean) {
    this.isServer = isServer;
    this.isFirstOfLate = isLate;
    // From its begin on the kernel has counted both sides; of what was before nobody knows.
    this.lead = isLate ? undefined : 0;
    for (const stream of [this.requests, this.replies]) {
      stream.end = isLate ? anything : 0;
      stream.ordinal = isLate ? -1 : 0;
    }
  }

  /**
   * Whether the response to the last request was told before it: a client's request is told when its call returns, and another thread,
   * as Go has them, may have read the response by then. Twice running it is rather the lead that is wrong.
   */
  takeOvertaken(): boolean {
    const { lead, requests, replies } = this;
    const isOvertaken =
      lead !== undefined && replies.ordinal >= 0 && ((requests.ordinal - lead - replies.ordinal) | 0) <= 0;
    if (isOvertaken && this.#isOvertaken) this.lead = undefined;
    this.#isOvertaken = isOvertaken;
    return isOvertaken;
  }

  /** Bytes of the replies' direction before the record's chunk. */
  repliedBytes(record: HttpRecord): number {
    return this.isServer ? record.sent : record.received;
  }

  /** Whether something was answered since the last request of which no head was seen. */
  isAnsweredUnseen(record: HttpRecord): boolean {
    const { end } = this.replies;
    return this.reply === undefined && this.repliedBytes(record) > (end >= 0 ? end : this.repliedWhenAsked);
  }

  /** When the last of them moved. */
  repliedAt(record: HttpRecord): number {
    return this.isServer ? record.lastSent : record.lastReceived;
  }
}

/** Whether the record is of the side that answers: its role says so, or what it does. */
export function isServerSide({ role, kind, direction }: HttpRecord): boolean {
  if (role !== Role.unknown) return role === Role.server;
  return (kind === 1) === (direction === 0);
}
