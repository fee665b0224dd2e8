/** What a component is asked by whoever may open the control socket: the JSON object that came, not checked yet. */
export type Question = Readonly<Record<string, unknown>>;

/** The way back to who asked. */
export type Reply = {
  /** Sends an item (anything that JSON has) and resolves when there is room for the next. */
  send(item: unknown): Promise<void>;
  /** Sends an item if its reader keeps up; else it is counted, and the reader is told how many it lost. */
  offer(item: unknown): void;
  /** Aborted when who asked is gone, or podstamp stops: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

/** What became of an order, with what is to be said of it; refusals are words, not exceptions. */
export type Ended = { readonly ok: boolean; readonly lines: readonly string[] };

/** Answers one question; ends by itself when `reply.signal` is aborted. */
export type Answer = (question: Question, reply: Reply) => Promise<Ended>;

/** What a component answers, by order. */
export type Answers = Readonly<Record<string, Answer>>;
