/*
 * What a persistent queue stands on: records on disk, in the order in which they were put. An extension has it
 * (extensions/file-storage), an exporter names it in sending_queue.storage.
 */

/** Gives everyone who asks a store of their own. */
export type Storage = {
  /** The store of this name, "otlp_grpc/tempo traces"; one at a time may be open. */
  store(name: string): Store;
};

/** What is in a store. */
export type Contents = {
  readonly count: number;
  readonly items: number;
  /** Of the requests, without what a record adds. */
  readonly bytes: number;
};

/** A record as it was put. */
export type StoredRecord = { readonly id: number; readonly record: Uint8Array };

/** What a record holds, for counting without reading it. */
export type RecordFacts = { readonly items: number; readonly bytes: number };

/** A record that is not what was put: it was moved aside. */
export type DamagedRecord = RecordFacts & { readonly id: number };

/** Records in the order of their ids, at least one when there is one. */
export type Page = { readonly records: readonly StoredRecord[]; readonly damaged: readonly DamagedRecord[] };

/** What became of a record: it is as safe as the storage promises, there is no room for it, or writing failed. */
export type Put =
  | { readonly status: "stored"; readonly id: number }
  | { readonly status: "full" | "failed"; readonly cause: Error };

/** Records of one owner. All promises settle in the order of the calls. */
export type Store = {
  /** Opens it, which creates nothing; rejects when what is there cannot be used. Waits for another one who has it open. */
  open(): Promise<Contents>;
  /** Takes the memory of `record` over. Ids grow from one to the next. */
  put(record: Uint8Array<ArrayBuffer>, facts: RecordFacts): Promise<Put>;
  /** Records behind the id `after`, as many as `maxBytes` allows. */
  read(after: number, maxBytes: number): Promise<Page>;
  /** Forgets records. What cannot be forgotten now is tried again; until then a crash brings it back. */
  remove(ids: readonly number[]): void;
  /** Frees it for another one after all that was asked before is done. */
  close(): Promise<void>;
};
