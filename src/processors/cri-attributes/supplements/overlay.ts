import { open, stat } from "node:fs/promises";
import { parse } from "yaml";
import { type WorkloadKind, workloadKinds } from "../../../containers/names/workload.ts";
import { pause } from "../../../containers/following/wait.ts";
import type { Component } from "../../../pipeline/contract.ts";
import type { Logger } from "../../../telemetry/log.ts";
import type { Entries } from "../extract/key-rules.ts";
import type { Described, Supplement } from "../extract/supplement.ts";

export type OverlayOptions = {
  readonly file: string;
  readonly log: Logger;
  /** Between two looks whether the file has changed, in ms. */
  readonly lookMs?: number;
};

/** A file of what an API server would know; read again when it changes, and as it was while it cannot be read. */
export type Overlay = Component &
  Pick<Supplement, "version" | "namespace" | "node" | "workload" | "workloadOfUid" | "cluster">;

const maxBytes = 16 * 1024 * 1024;
const usualLookMs = 2000;

export function createOverlay({ file, log, lookMs = usualLookMs }: OverlayOptions): Overlay {
  const stopping = new AbortController();
  let content: Content = nothing;
  let version = 0;
  let seen = "";
  let reported = "";
  let running: Promise<void> = Promise.resolve();

  const look = async () => {
    try {
      // A ConfigMap's file is a link that is put in the place of another one.
      const { ino, mtimeMs, size } = await stat(file);
      const now = `${ino} ${mtimeMs} ${size}`;
      if (now === seen) return;
      content = await readOverlay(file);
      seen = now;
      version++;
      reported = "";
      log.info({ file }, "Read the overlay");
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      if (error !== reported) log.warn({ file, error }, "Cannot read the overlay; what was read before stays");
      reported = error;
    }
  };

  return {
    async start() {
      await look();
      running = (async () => {
        for (;;) {
          await pause(lookMs, stopping.signal);
          if (stopping.signal.aborted) return;
          await look();
        }
      })();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    version: () => version,
    namespace: (name) => content.namespaces.get(name),
    node: (name) => content.nodes.get(name),
    workload: (kind, namespace, name) => content.workloads.get(`${kind} ${namespace}/${name}`),
    workloadOfUid: (kind, uid) => content.workloadsByUid.get(`${kind} ${uid}`),
    cluster: () => content.cluster,
  };
}

/** Reads the file once; rejects, in words, where it is no overlay. */
export async function readOverlay(file: string): Promise<Content> {
  return read(parse(await readBounded(file), { schema: "failsafe", merge: true, maxAliasCount: 100 }));
}

export type Content = {
  readonly cluster: { readonly uid?: string | undefined } | undefined;
  readonly namespaces: ReadonlyMap<string, Described>;
  readonly nodes: ReadonlyMap<string, Described>;
  /** By "kind namespace/name". */
  readonly workloads: ReadonlyMap<string, Described>;
  /** By "kind uid". */
  readonly workloadsByUid: ReadonlyMap<string, Described>;
};

const nothing: Content = {
  cluster: undefined,
  namespaces: new Map(),
  nodes: new Map(),
  workloads: new Map(),
  workloadsByUid: new Map(),
};

const sections = ["cluster", "namespaces", "nodes", "workloads"];

/** Every value is a text, as it is written: a label `1` is no number. Throws in words for what is no overlay. */
function read(raw: unknown): Content {
  if (raw === null || raw === "") return nothing;
  const root = mapOf(raw, "the file");
  const strange = [...root.keys()].find((key) => !sections.includes(key));
  if (strange !== undefined) throw new Error(`must have only ${sections.join(", ")}, has ${strange}`);
  const workloads = new Map<string, Described>();
  const workloadsByUid = new Map<string, Described>();
  for (const [kind, all] of mapOf(root.get("workloads") ?? {}, "workloads")) {
    if (!isKind(kind)) throw new Error(`workloads must be of ${workloadKinds.join(", ")}, has ${kind}`);
    for (const [name, each] of described(all, `workloads.${kind}`)) {
      workloads.set(`${kind} ${name}`, each);
      if (each.uid !== undefined) workloadsByUid.set(`${kind} ${each.uid}`, each);
    }
  }
  const cluster = mapOf(root.get("cluster") ?? {}, "cluster").get("uid");
  return {
    cluster: { uid: typeof cluster === "string" ? cluster : undefined },
    namespaces: described(root.get("namespaces") ?? {}, "namespaces"),
    nodes: described(root.get("nodes") ?? {}, "nodes"),
    workloads,
    workloadsByUid,
  };
}

function described(raw: unknown, where: string): ReadonlyMap<string, Described> {
  return new Map(
    [...mapOf(raw, where)].map(([name, value]): [string, Described] => {
      const fields = mapOf(value, `${where}.${name}`);
      const uid = fields.get("uid");
      return [
        name,
        {
          uid: typeof uid === "string" && uid !== "" ? uid : undefined,
          labels: textsOf(fields.get("labels"), `${where}.${name}.labels`),
          annotations: textsOf(fields.get("annotations"), `${where}.${name}.annotations`),
        },
      ];
    }),
  );
}

function textsOf(raw: unknown, where: string): Entries {
  return Object.fromEntries(
    [...mapOf(raw ?? {}, where)].map(([key, value]) => {
      if (typeof value !== "string") throw new Error(`${where}.${key} must be a text`);
      return [key, value];
    }),
  );
}

function mapOf(raw: unknown, where: string): ReadonlyMap<string, unknown> {
  if (raw === "") return new Map();
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) throw new Error(`${where} must be a map`);
  return new Map(Object.entries(raw));
}

function isKind(kind: string): kind is WorkloadKind {
  return workloadKinds.some((known) => known === kind);
}

async function readBounded(file: string): Promise<string> {
  await using handle = await open(file);
  const buffer = Buffer.alloc(Math.min((await handle.stat()).size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    length += bytesRead;
    if (bytesRead === 0) return buffer.toString("utf8", 0, length);
    if (length === buffer.length) throw new Error(`must be at most ${maxBytes} bytes and not change while it is read`);
  }
}
