import type { Archived, Layer } from "./archive.ts";

/** What the image may have beside Node, in bytes. */
export const maxBesidesNode = 40 * 1024 * 1024;

const nodeProgram = "usr/local/bin/node";

/** The sizes of an image's layers as a table, and all that is not Node itself, unpacked, in bytes. */
export function sizesOf({ layers }: Archived): { readonly text: string; readonly besidesNode: number } {
  const node = layers.flatMap(({ files }) => files).find(({ path }) => path === nodeProgram)?.bytes ?? 0;
  const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = layers.map((layer) => row(layer.bytes, whatIs(layer)));
  const besidesNode = total - node;
  return {
    text: [...rows, row(total, "all"), row(besidesNode, "beside Node itself (at most 40 MiB)")].join("\n"),
    besidesNode,
  };
}

function row(bytes: number, what: string): string {
  return `${(bytes / (1024 * 1024)).toFixed(2).padStart(8)} MiB  ${what}`;
}

function whatIs({ madeBy, files }: Layer): string {
  const copied = /(?:COPY|#\(nop\)\s*COPY).*\s(\/\S*)\s*$/.exec(madeBy)?.[1];
  const first = files.find(({ bytes }) => bytes > 0)?.path ?? files.at(-1)?.path ?? "";
  return copied === undefined ? `the base (${first}, ...)` : `${copied} (${first})`;
}
