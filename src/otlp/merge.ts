/** Makes one request of several of the same signal: repeated fields that stand one behind the other are one list. */
export function merge(requests: readonly Uint8Array[]): Buffer {
  return Buffer.concat(requests);
}
