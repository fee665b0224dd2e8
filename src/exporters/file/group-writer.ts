import type { Added } from "./log-file.ts";

/** A place that takes records, one call at a time. */
type Place = { add(records: readonly Uint8Array[]): Promise<Added> };

/** Writes what comes while something is being written together, as soon as that is done. */
export type GroupWriter = {
  /** Resolves once the record is in the file, rejects with the reason why it is not. */
  write(record: Uint8Array): Promise<void>;
};

type Waiting = { readonly record: Uint8Array; readonly done: PromiseWithResolvers<void> };

/** Takes at most `maxBytes` that wait. */
export function createGroupWriter(place: Place, maxBytes: number): GroupWriter {
  let waiting: Waiting[] = [];
  let bytes = 0;
  let isWriting = false;

  /** Never rejects: the place answers for what it could not take. */
  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const { count, cause } = await place.add(group.map(({ record }) => record));
      for (const [index, { record, done }] of group.entries()) {
        bytes -= record.length;
        if (index < count) done.resolve();
        else done.reject(cause ?? new Error("Cannot write a record: must be said why"));
      }
    }
    isWriting = false;
  }

  return {
    write(record) {
      if (bytes > 0 && bytes + record.length > maxBytes)
        return Promise.reject(new Error(`Cannot write more: ${bytes} bytes are waiting for the file already`));
      const done = Promise.withResolvers<void>();
      waiting.push({ record, done });
      bytes += record.length;
      if (!isWriting) void writeAll();
      return done.promise;
    },
  };
}
