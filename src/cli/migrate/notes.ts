import { isScalar } from "yaml";

/** What was done to a file, and where it stood; `missing` is what podstamp has not. */
export type Note = { readonly line: number; readonly kind: "changed" | "removed" | "missing"; readonly text: string };

/** Says what was done to a node. */
export type Tell = (node: unknown, kind: Note["kind"], text: string) => void;

/** Throws in words that say where in the file the rule is broken. */
export type Refuse = (offset: number, rule: string) => never;

/** A key, or a value, as text. */
export function textOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node);
}
