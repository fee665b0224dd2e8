import type { Config } from "../../config/config.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Component, Exporter, Extension, Receiver } from "../contract.ts";
import type { ExporterFactory, ExtensionFactory, ProcessorFactory, ReceiverFactory } from "./factory.ts";
import type { Switch } from "./switch.ts";

/** A checked configuration whose components can be made. */
export type PipelineConfig = Config<
  ReceiverFactory<unknown>,
  ProcessorFactory<unknown>,
  ExporterFactory<unknown>,
  ExtensionFactory<unknown>
>;

/** A component with the path that names it in messages, "receivers::otlp". */
export type Named = { readonly name: string; readonly component: Component };

/** A component with what has to be known to keep it when the configuration changes. */
export type Piece<C extends Component = Component> = Named & {
  readonly id: string;
  readonly component: C;
  readonly fingerprint: string | undefined;
  /** What it asked to share. */
  readonly keys: ReadonlySet<string>;
  /** The extensions that keep its data. */
  readonly storages: readonly string[];
};

export type ReceiverPiece = Piece<Receiver> & { readonly switches: ReadonlyMap<Signal, Switch> };

/** All components of a configuration, wired up to the doors of its receivers. */
export type Assembly = {
  readonly config: PipelineConfig;
  readonly extensions: readonly Piece<Extension>[];
  readonly shared: ReadonlyMap<string, Component>;
  readonly exporters: readonly Piece<Exporter>[];
  /** The processors of each pipeline, in the order of the flow. */
  readonly chains: readonly (readonly Named[])[];
  readonly receivers: readonly ReceiverPiece[];
  /** Opens the way from the receivers into the pipelines. */
  connect(): void;
};

/** What of an assembly runs and may go on in the next one. */
export type Kept = Pick<Assembly, "extensions" | "shared" | "exporters" | "receivers">;

/** Nothing runs yet. */
export const nothing: Kept = { extensions: [], shared: new Map(), exporters: [], receivers: [] };
