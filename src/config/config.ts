import type { ComponentType } from "./component-type.ts";
import type { ServiceSettings } from "./service.ts";

/** A component that is used, with its settings checked. */
export type Configured<T extends ComponentType = ComponentType> = {
  /** As written in the file, "otlp_grpc/tempo". */
  readonly id: string;
  readonly type: T;
  /** What the schema of the type put out. */
  readonly settings: unknown;
  /** The same for two blocks that say the same; absent when it is not known. */
  readonly fingerprint?: string;
};

/** One pipeline; the ids are those of configured components, each at most once. */
export type Pipeline = {
  /** "traces" or "traces/name". */
  readonly id: string;
  readonly signal: string;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
};

/** A configuration that was checked whole; only components that a pipeline or the service uses are in it. */
export type Config<
  R extends ComponentType = ComponentType,
  P extends ComponentType = ComponentType,
  E extends ComponentType = ComponentType,
  X extends ComponentType = ComponentType,
> = {
  readonly receivers: ReadonlyMap<string, Configured<R>>;
  readonly processors: ReadonlyMap<string, Configured<P>>;
  readonly exporters: ReadonlyMap<string, Configured<E>>;
  /** Those that service::extensions names, in its order. */
  readonly extensions: ReadonlyMap<string, Configured<X>>;
  readonly pipelines: readonly Pipeline[];
  readonly service: ServiceSettings;
};

/** The component types that a file may use. */
export type Types<
  R extends ComponentType = ComponentType,
  P extends ComponentType = ComponentType,
  E extends ComponentType = ComponentType,
  X extends ComponentType = ComponentType,
> = {
  readonly receivers: readonly R[];
  readonly processors: readonly P[];
  readonly exporters: readonly E[];
  readonly extensions: readonly X[];
};
