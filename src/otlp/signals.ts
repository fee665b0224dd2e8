/** The kinds of telemetry that OTLP carries and podstamp passes on. */
export type Signal = "traces" | "logs";

/** What tells one signal from another on the wire; field numbers are those of the .proto files under proto/opentelemetry. */
export type SignalShape = {
  /** Full gRPC method name of Export, as in ":path". */
  readonly grpcPath: string;
  /** Path of OTLP/HTTP. */
  readonly httpPath: string;
  /** What one record is called in the Collector's metric names, as in `otelcol_receiver_accepted_spans`. */
  readonly items: "spans" | "log_records";
  /** Field number of `repeated KeyValue attributes` in a record. */
  readonly recordAttributes: number;
};

export const shapes: Readonly<Record<Signal, SignalShape>> = {
  traces: {
    grpcPath: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    httpPath: "/v1/traces",
    items: "spans",
    recordAttributes: 9,
  },
  logs: {
    grpcPath: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    httpPath: "/v1/logs",
    items: "log_records",
    recordAttributes: 6,
  },
};

export const signals: readonly Signal[] = ["traces", "logs"];
