/** What became of a message that was to be written in the other encoding. */
export type Transcoded =
  | { readonly status: "ok"; readonly bytes: Buffer }
  | { readonly status: "malformed"; readonly problem: string };

/**
 * Messages inside messages deeper than this are refused, for the stack's sake; a map inside a map is three deep. Protobuf for
 * C++, Java and Python refuses 100.
 */
export const maxDepth = 400;
