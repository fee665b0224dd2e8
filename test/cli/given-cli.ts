import type { Io } from "../../src/cli/terminal/output.ts";

/** What a command wrote. */
export type Written = { readonly io: Io; readonly out: () => string };

/** A terminal, or with columns: undefined a pipe, that remembers what was written. */
export function givenIo(options: Partial<Io> = {}): Written {
  let text = "";
  const io: Io = {
    out: (more) => (text += more),
    flush: () => Promise.resolve(),
    err: () => {},
    input: () => pieces(),
    env: { K8S_NODE_NAME: "node-a" },
    columns: undefined,
    color: false,
    signal: new AbortController().signal,
    ...options,
  };
  return { io, out: () => text };
}

/** Pieces of a text as they come on standard input. */
export async function* pieces(...all: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const each of all) yield Buffer.from(each);
}

/** Everything that a terminal would act on, beside line breaks. */
export const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}](?<!\n)/u;
