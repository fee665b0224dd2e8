import type { Schema } from "./schema/schema.ts";
import type { Env } from "./document/reference.ts";

/** The sections of the file that hold components, by what stands in them. */
export const sectionOf = {
  receiver: "receivers",
  processor: "processors",
  exporter: "exporters",
  extension: "extensions",
} as const;

/** What a component is. */
export type ComponentKind = keyof typeof sectionOf;

/** What a component does in a pipeline; extensions stand beside them. */
export type PipelineKind = Exclude<ComponentKind, "extension">;

/** Another name under which the file may have a component. */
export type Alias = {
  readonly name: string;
  /** Accepted with a warning that names the type to write instead. */
  readonly deprecated?: boolean;
};

/** What a component has to say of settings that its schema takes: where below the component, and what; an error in words that follow "Cannot use …: ". */
export type Finding = {
  readonly severity: "error" | "warning";
  readonly path: readonly (string | number)[];
  readonly text: string;
  /** Whether it is of the environment and not of the file. */
  readonly because?: "environment";
};

/** What the configuration has to know of a component to check a file that uses it. */
export type ComponentType = {
  readonly kind: ComponentKind;
  /** As the file writes it, "otlp_grpc". */
  readonly type: string;
  readonly aliases: readonly Alias[];
  /** The signals it can take part in, by the names that pipelines have; an extension has none. */
  readonly signals: readonly string[];
  /** In the Collector's words. */
  readonly stability: "development" | "alpha" | "beta" | "stable";
  /** One sentence for `podstamp components` and the documentation. */
  readonly summary: string;
  /** What a user of this type has to know, as a warning on each file that uses it: that it does nothing here, and what does. */
  readonly notice?: string;
  readonly schema: Schema<unknown>;
  /** Looks at what the schema put out: settings that do nothing here, or that need something of the environment. */
  review?(settings: unknown, env: Env): readonly Finding[];
  /** What settings lack that a pipeline of the signal needs, as a rule; undefined where they are enough. */
  lacksFor?(settings: unknown, signal: string): string | undefined;
  /** Of a processor: the settings that differ and count only when podstamp is started again, since what they are of goes on through a reload. */
  keptByReload?(before: unknown, after: unknown): readonly string[];
  /** Of an extension: whether others may name it as their storage. */
  readonly isStorage?: boolean;
  /** Of an exporter: where it sends a signal; undefined where that is not seen from the settings. */
  sendsTo?(settings: unknown, signal: string): Destination | undefined;
  /** Of a receiver: whether what is sent there comes to it, as far as the settings tell. */
  isReachedAt?(settings: unknown, destination: Destination): boolean;
  /** Of an exporter: the extensions that its settings name, and where. The service must start them. */
  storagesOf?(settings: unknown): readonly Reference[];
};

/** Where telemetry is sent over TCP. */
export type Destination = { readonly protocol: "grpc" | "http"; readonly host: string; readonly port: number };

/** An extension that is named in the settings of a component. */
export type Reference = { readonly id: string; readonly path: readonly string[] };
