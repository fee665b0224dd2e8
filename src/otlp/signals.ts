/** The kinds of telemetry that OTLP carries and podstamp passes on. */
export type Signal = "traces" | "metrics" | "logs" | "profiles";

/** What tells one signal from another outside of its messages, which are in levels.ts. */
export type SignalShape = {
  /** Full gRPC method name of Export, as in ":path". */
  readonly grpcPath: string;
  /** Path of OTLP/HTTP. */
  readonly httpPath: string;
  /** What one record is called in the Collector's metric names, as in `otelcol_receiver_accepted_spans`. */
  readonly items: "spans" | "metric_points" | "log_records" | "profile_samples";
  /**
   * Whether requests can be put one behind the other and be cut between records. A profiles request cannot: it has one
   * dictionary and everything in it points there by position.
   */
  readonly isDivisible: boolean;
};

export const shapes: Readonly<Record<Signal, SignalShape>> = {
  traces: {
    grpcPath: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    httpPath: "/v1/traces",
    items: "spans",
    isDivisible: true,
  },
  metrics: {
    grpcPath: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    httpPath: "/v1/metrics",
    items: "metric_points",
    isDivisible: true,
  },
  logs: {
    grpcPath: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    httpPath: "/v1/logs",
    items: "log_records",
    isDivisible: true,
  },
  profiles: {
    grpcPath: "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    httpPath: "/v1development/profiles",
    items: "profile_samples",
    isDivisible: false,
  },
};

export const signals: readonly Signal[] = ["traces", "metrics", "logs", "profiles"];
