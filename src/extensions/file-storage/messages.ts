import type { Contents, Page, Put, RecordFacts } from "../../pipeline/storage.ts";
import type { Damage } from "./open-store.ts";
import type { Aside } from "./set-aside.ts";

/** What the thread of the disk is made with. */
export type DiskOptions = {
  readonly directory: string;
  /** Permissions of the directory if it is to be made when it is not there. */
  readonly makes: number | undefined;
  /** "always": a commit waits for the disk. A number: the disk is told every so many ms. "never": when the system likes. */
  readonly fsync: "always" | "never" | number;
  readonly maxBytes: number;
  /** Of what was set aside; the newest of it stays in any case. */
  readonly maxAsideBytes: number;
  readonly lockTimeoutMs: number;
  readonly compaction: {
    readonly onStart: boolean;
    readonly onRebound: boolean;
    readonly neededBytes: number;
    readonly triggerBytes: number;
    readonly stepBytes: number;
    readonly checkIntervalMs: number;
  };
};

/** What is asked of the thread; `store` is the name of a file without its ending. */
export type Question =
  | { readonly op: "open"; readonly store: string }
  | ({ readonly op: "put"; readonly store: string; readonly record: Uint8Array<ArrayBuffer> } & RecordFacts)
  | { readonly op: "read"; readonly store: string; readonly after: number; readonly maxBytes: number }
  | { readonly op: "remove"; readonly store: string; readonly ids: readonly number[] }
  | { readonly op: "close"; readonly store: string }
  | { readonly op: "end" };

export type Request = Question & { readonly number: number };

/** What it answers; an operation that has nothing to say is done. */
export type Answer =
  | { readonly kind: "contents"; readonly contents: Contents }
  | { readonly kind: "put"; readonly put: Put }
  | { readonly kind: "page"; readonly page: Page }
  | { readonly kind: "done" }
  | { readonly kind: "error"; readonly message: string };

/** What it tells unasked. */
export type Notice =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "damage"; readonly store: string; readonly damage: Damage }
  | ({ readonly kind: "aside" } & Aside)
  | { readonly kind: "trouble"; readonly store: string; readonly message: string }
  | { readonly kind: "sizes"; readonly file: number; readonly free: number };

export type FromDisk =
  | { readonly kind: "answers"; readonly answers: readonly { readonly number: number; readonly answer: Answer }[] }
  | Notice;
