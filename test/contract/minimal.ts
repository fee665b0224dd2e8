import { join } from "node:path";
import { onTestFinished } from "vitest";
import { components } from "../../src/components.ts";
import type { ComponentKind } from "../../src/config/component-type.ts";
import type { Signal } from "../../src/otlp/signals.ts";
import type { ExporterFactory, ProcessorFactory } from "../../src/pipeline/graph/factory.ts";
import { createWorkspace, wipe } from "../support/machine/workspace.ts";

/** The peer of an exporter or of a receiver's client: gRPC, or HTTP. */
export type Protocol = "grpc" | "http";

type Minimal = {
  /** The least that a file must say; `folder` is the test's own. */
  readonly settings?: (folder: string) => object;
  /** An exporter's settings when it is to send to a peer and answer for it itself: without a queue and without retries. */
  readonly sending?: { readonly protocol: Protocol; settings(endpoint: string): object };
  /** A receiver's settings when it is to listen on free ports, and the message of the log that tells where. */
  readonly doors?: { settings(): object; readonly listening: Readonly<Record<Protocol, string>> };
};

const alone = { sending_queue: { enabled: false }, retry_on_failure: { enabled: false } };

const off = { enabled: false };

/** The one table. A component whose least is nothing needs no line; one that sends or listens says here how. */
const table: { readonly [K in ComponentKind]: Readonly<Record<string, Minimal>> } = {
  receiver: {
    // Without root no probe can be attached; what it does when they are is shown by tests of its own.
    ebpf: {
      settings: (folder) => ({
        probes: { process: off, tcp: off, oom: off, signals: off },
        runtimes: [{ type: "cri", endpoint: `unix://${join(folder, "none.sock")}` }],
      }),
    },
    otlp: {
      settings: () => ({ protocols: { grpc: { endpoint: "127.0.0.1:0" }, http: { endpoint: "127.0.0.1:0" } } }),
      doors: {
        settings: () => ({ protocols: { grpc: { endpoint: "127.0.0.1:0" }, http: { endpoint: "127.0.0.1:0" } } }),
        listening: { grpc: "Listening for OTLP over gRPC", http: "Listening for OTLP over HTTP" },
      },
    },
  },
  processor: {
    attributes: { settings: () => ({ actions: [{ key: "a", value: 1, action: "insert" }] }) },
    // Nobody listens there: the first attempt fails at once, and everything passes.
    cri_attributes: {
      settings: (folder) => ({ runtimes: [{ type: "cri", endpoint: `unix://${join(folder, "none.sock")}` }] }),
    },
    k8s_attributes: {
      settings: (folder) => ({ runtimes: [{ type: "cri", endpoint: `unix://${join(folder, "none.sock")}` }] }),
    },
    memory_limiter: { settings: () => ({ check_interval: "10ms", limit_mib: 1_000_000 }) },
    resource: { settings: () => ({ attributes: [{ key: "a", value: 1, action: "insert" }] }) },
  },
  exporter: {
    file: { settings: (folder) => ({ path: join(folder, "out.json") }) },
    otlp_grpc: {
      settings: () => ({ endpoint: "127.0.0.1:1", tls: { insecure: true } }),
      sending: { protocol: "grpc", settings: (endpoint) => ({ endpoint, tls: { insecure: true }, ...alone }) },
    },
    otlp_http: {
      settings: () => ({ endpoint: "http://127.0.0.1:1" }),
      sending: { protocol: "http", settings: (endpoint) => ({ endpoint: `http://${endpoint}`, ...alone }) },
    },
  },
  extension: {
    file_storage: { settings: (folder) => ({ directory: join(folder, "queues"), create_directory: true }) },
    health_check: { settings: () => ({ endpoint: "127.0.0.1:0" }) },
  },
};

/** Every component that podstamp has, found in its table of components. */
export const everything = [
  ...components.receivers,
  ...components.processors,
  ...components.exporters,
  ...components.extensions,
];

/** Any of them. */
export type Factory = (typeof everything)[number];

/** What the table says of a component; nothing when it has no line. */
export function minimalOf({ kind, type }: Pick<Factory, "kind" | "type">): Minimal {
  return table[kind][type] ?? {};
}

/** The lines of the table that are of no component. */
export function strayLines(): readonly string[] {
  return Object.entries(table).flatMap(([kind, lines]) =>
    Object.keys(lines).filter((type) => !everything.some((one) => one.kind === kind && one.type === type)),
  );
}

/** The least that a file must say of a component, for one test. */
export function settingsOf(factory: Pick<Factory, "kind" | "type">): object {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  return minimalOf(factory).settings?.(folder) ?? {};
}

/** The settings as the component gets them; throws with the place to say more when the least is not enough. */
export function parse(factory: Factory, settings: object): unknown {
  const parsed = factory.schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues.map(({ path, message }) => `${path.join("::")} ${message}`).join("; ");
  throw new Error(`Cannot make ${factory.kind} ${factory.type}: test/contract/minimal.ts must say more, ${why}`);
}

/** Exporters that hand data to somebody who answers, and those that take it themselves. */
export const senders: readonly ExporterFactory<unknown>[] = components.exporters.filter(
  (factory) => minimalOf(factory).sending !== undefined,
);
export const keepers: readonly ExporterFactory<unknown>[] = components.exporters.filter(
  (factory) => minimalOf(factory).sending === undefined,
);

/** Each processor with each signal that it takes. */
export const processing = components.processors.flatMap((factory: ProcessorFactory<unknown>) =>
  signalsOf(factory).map((signal) => ({ type: factory.type, signal, factory })),
);

/** The signals that a component takes. */
export function signalsOf({ signals }: { readonly signals: readonly Signal[] }): readonly Signal[] {
  return signals;
}
