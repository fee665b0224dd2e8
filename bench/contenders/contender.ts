import type { Usage } from "../stage/usage.ts";

/** How the processes of a comparison are configured, all alike. */
export type Setup = {
  /** Containers that the runtime and the API server tell of. */
  readonly known: number;
  /** Where requests carry container.id. */
  readonly ids: "resource" | "records";
  /** On both sides of the process. */
  readonly hasTls: boolean;
  /** A queue in memory and the batch processor, as they come. */
  readonly hasQueue: boolean;
  /** Of what leaves the process; what comes to it is the sender's choice. */
  readonly compression: "none" | "gzip" | "zstd";
};

/** A process that passes telemetry on and whose cost is taken. */
export type Contender = AsyncDisposable & {
  readonly name: string;
  /** Whether it writes pods' names. */
  readonly stamps: boolean;
  readonly grpcPort: number;
  /** OTLP/HTTP, where it has it. */
  readonly httpPort: number | undefined;
  readonly usage: Usage;
};

/** What a contender needs to know of its surroundings. */
export type Surroundings = {
  readonly folder: string;
  readonly sinkPort: number;
  /** Of the runtime, as "unix:///…". */
  readonly runtime: string;
  readonly apiPort: number;
  readonly tls: { readonly keyFile: string; readonly certFile: string; readonly caFile: string };
};

/** Starts one; undefined where this machine has it not, or it cannot do what the setup asks. */
export type Start = (surroundings: Surroundings, setup: Setup) => Promise<Contender | undefined>;
