/** Under what a span hangs; what is in it is the tracer's. */
export type SpanRef = object;

/** A step of a request's way. */
export type Step = {
  /** Of few kinds, "process batch". */
  readonly name: string;
  readonly kind: "server" | "internal" | "client";
  /** Undefined begins a trace. */
  readonly parent: SpanRef | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
};

/** What a step came to; `error` says why it did not go well. */
export type StepOutcome = { readonly name: string; readonly error?: string };

/** Makes spans of steps. */
export type Spans = {
  /** Does the work, which is told what its own steps hang under, inside of a span. */
  around<T>(step: Step, work: (ref: SpanRef) => Promise<T>, outcome: (result: T) => StepOutcome): Promise<T>;
};
