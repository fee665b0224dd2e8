import type { RequestHead, ResponseHead } from "./head.ts";
import type { HttpRecord } from "./record.ts";

/** A request that waits for its response. */
export type Exchange = {
  readonly isHead: boolean;
  readonly isConnect: boolean;
};

/** A request as it is seen first: the objects are used again, so what is kept is copied. */
export class Beginning {
  readonly record: HttpRecord;
  readonly head: RequestHead;
  /** The head stands at bytes[start, head.end). */
  bytes: Uint8Array = new Uint8Array();
  start = 0;
  /** Of the first byte. */
  time = 0;
  tcpSequence = 0;
  /** The capture ended before the head did: fields may be missing, also traceparent. */
  isCut = false;
  /** It was seen where it is answered. */
  isServer = false;
  /** The connection is older than the probe, and this is the first that is seen of it. */
  isFirstOfLate = false;

  constructor(record: HttpRecord, head: RequestHead) {
    this.record = record;
    this.head = head;
  }
}

/** How an exchange ended; used again for the next one. */
export class Ending {
  readonly head: ResponseHead;
  /** Set while the response's head is at hand. */
  bytes: Uint8Array | undefined;
  /** 0: the connection ended without a response. */
  code = 0;
  /** Of the last byte of the response, or of the connection's end. */
  time = 0;
  /** -1: not known. */
  bodySize = -1;
  /** The end is what was seen last: what came behind it may have been lost. */
  isEstimated = false;
  /** The connection ended before the whole body had come. */
  isIncomplete = false;

  constructor(head: ResponseHead) {
    this.head = head;
  }
}

/** Who makes spans of exchanges. */
export type Exchanges = {
  /** A request has come. */
  begin(beginning: Beginning): Exchange;
  /** A response's head is there: what is needed of it is to be kept now. */
  answer(exchange: Exchange, ending: Ending): void;
  /** All of it is there. */
  end(exchange: Exchange, ending: Ending): void;
  /** It will have no span, since nobody knows how it ended. */
  forget(exchange: Exchange): void;
};

/** Why messages were seen and have no span. */
export type Unknown =
  /** Records between were lost. */
  | "lost"
  /** Its request was not seen: it was before the probe, or lost. */
  | "unasked"
  /** More messages stood in one chunk than were captured, or within one that did not begin with a head. */
  | "hidden"
  /** The connection pipelines and messages were lost, so that nobody knows which answer is whose. */
  | "blind"
  /** The connections' table was full. */
  | "table_full"
  /** A chunk that began like a message and is none. */
  | "malformed";
