import type { Schema } from "../../config/schema/schema.ts";
import type { ComponentType } from "../../config/component-type.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Consumer, Exporter, Extension, ExtensionHost, Host, Outlets, Processor, Receiver } from "../contract.ts";

type Shared<C> = Omit<ComponentType, "schema"> & {
  readonly signals: readonly Signal[];
  /** Built from config/fields/fields.ts; what it puts out is the `config` of create. */
  readonly schema: Schema<C>;
};

/** Makes receivers of one type: one instance for each id, whose outlets are all pipelines that name it. */
export type ReceiverFactory<C> = Shared<C> & {
  readonly kind: "receiver";
  create(config: C, host: Host, outlets: Outlets): Receiver;
};

/** Makes processors of one type: one instance for each id and pipeline. */
export type ProcessorFactory<C> = Shared<C> & {
  readonly kind: "processor";
  create(config: C, host: Host, next: Consumer): Processor;
};

/** Makes exporters of one type: one instance for each id, for all pipelines that name it. */
export type ExporterFactory<C> = Shared<C> & {
  readonly kind: "exporter";
  create(config: C, host: Host): Exporter;
};

/** Makes extensions of one type: one instance for each id that the service names. */
export type ExtensionFactory<C> = Shared<C> & {
  readonly kind: "extension";
  create(config: C, host: ExtensionHost): Extension;
};

/** All that podstamp can build. The methods are declared so that a factory of any configuration fits in. */
export type Factories = {
  readonly receivers: readonly ReceiverFactory<unknown>[];
  readonly processors: readonly ProcessorFactory<unknown>[];
  readonly exporters: readonly ExporterFactory<unknown>[];
  readonly extensions: readonly ExtensionFactory<unknown>[];
};
