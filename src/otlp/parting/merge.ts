import { type Bytes, Rope } from "../rope/rope.ts";

/**
 * Makes one request of several of the same signal: repeated fields that stand one behind the other are one list. Nothing is copied;
 * the requests must stay as they are.
 */
export function merge(requests: readonly Bytes[]): Bytes {
  const [first] = requests;
  if (first !== undefined && requests.length === 1) return first;
  return new Rope(
    requests,
    requests.reduce((sum, { length }) => sum + length, 0),
  );
}
