import { type Io, jsonLine } from "../terminal/output.ts";
import { asLine, type Item } from "./line.ts";

/** Where the stream goes: what its reader does not take in time is left out, counted and told. */
export type Sink = {
  put(item: Item): void;
  /** So many were left out before they came here. */
  lost(count: number): void;
  /** Resolves when all that was put has been taken. */
  taken(): Promise<void>;
};

/** What is written and not taken yet, in UTF-16 units. */
const maxPending = 256 * 1024;

export function createSink(io: Io, isJson: boolean): Sink {
  let pending = 0;
  let leftOut = 0;
  const write = (text: string) => {
    pending += text.length;
    io.out(text);
    // What is written is taken sooner or later, or podstamp ends.
    void io.flush().then(() => (pending -= text.length));
  };
  const tell = () => {
    if (leftOut === 0) return;
    const words = `${leftOut} were left out here: they came faster than they were read`;
    if (isJson) write(jsonLine({ lost: leftOut }));
    else io.err(`${words}\n`);
    leftOut = 0;
  };
  return {
    put(item) {
      if (pending > maxPending) {
        leftOut++;
        return;
      }
      tell();
      write(isJson ? jsonLine(item) : asLine(item, io));
    },
    lost(count) {
      leftOut += count;
    },
    taken: io.flush,
  };
}
