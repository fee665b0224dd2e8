/** What stands wherever a secret would be printed, as the Collector has it. */
export const redacted = "[REDACTED]";

/** A value of the configuration that no log, error or dump shows; only reveal() gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return redacted;
  }
}
