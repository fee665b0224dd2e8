/** How much of our own metrics is on, as service::telemetry::metrics::level has it. */
export type MetricLevel = "basic" | "normal" | "detailed";

/** What a metric is called, what it counts and since which level it is shown. */
export type MetricShape = {
  readonly kind: "counter" | "gauge" | "histogram";
  /** UCUM, with what is counted in braces. */
  readonly unit: string;
  readonly description: string;
  /** The labels that its series have. */
  readonly labels: readonly string[];
  readonly level: MetricLevel;
  /** Of a histogram: the largest value that each of its buckets but the last counts. */
  readonly bounds?: readonly number[];
};

/*
 * Every metric of podstamp. Names that begin with otelcol_ are the Collector's, with its labels, so that its dashboards
 * and alerts work; they are exposed as they stand here, without a suffix for unit or kind.
 */
const sizeBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];
/** From 128 bytes to 16 MiB. */
const byteBounds = Array.from({ length: 18 }, (_, index) => 2 ** (index + 7));

/** Where it goes is told by the exporters of OTLP; the path by the one over HTTP. */
const sentLabels = ["exporter", "server_address", "server_port", "url_path"];

const shapes = {
  otelcol_receiver_accepted_spans: counter("{spans}", "Spans that the pipeline took from a receiver", [
    "receiver",
    "transport",
  ]),
  otelcol_receiver_accepted_log_records: counter("{records}", "Log records that the pipeline took from a receiver", [
    "receiver",
    "transport",
  ]),
  otelcol_receiver_accepted_metric_points: counter(
    "{datapoints}",
    "Data points that the pipeline took from a receiver",
    ["receiver", "transport"],
  ),
  otelcol_receiver_accepted_profile_samples: counter(
    "{samples}",
    "Samples of profiles that the pipeline took from a receiver",
    ["receiver", "transport"],
  ),
  otelcol_receiver_refused_spans: counter(
    "{spans}",
    "Spans that the pipeline did not take, so that the sender was told",
    ["receiver", "transport"],
  ),
  otelcol_receiver_refused_log_records: counter(
    "{records}",
    "Log records that the pipeline did not take, so that the sender was told",
    ["receiver", "transport"],
  ),
  otelcol_receiver_refused_metric_points: counter(
    "{datapoints}",
    "Data points that the pipeline did not take, so that the sender was told",
    ["receiver", "transport"],
  ),
  otelcol_receiver_refused_profile_samples: counter(
    "{samples}",
    "Samples of profiles that the pipeline did not take, so that the sender was told",
    ["receiver", "transport"],
  ),
  otelcol_receiver_failed_spans: counter("{spans}", "Spans that a receiver could not hand on for a reason of its own", [
    "receiver",
    "transport",
  ]),
  otelcol_receiver_failed_log_records: counter(
    "{records}",
    "Log records that a receiver could not hand on for a reason of its own",
    ["receiver", "transport"],
  ),
  otelcol_receiver_failed_metric_points: counter(
    "{datapoints}",
    "Data points that a receiver could not hand on for a reason of its own",
    ["receiver", "transport"],
  ),
  otelcol_receiver_failed_profile_samples: counter(
    "{samples}",
    "Samples of profiles that a receiver could not hand on for a reason of its own",
    ["receiver", "transport"],
  ),
  podstamp_receiver_turned_away: counter(
    "{requests}",
    "Requests and connections that a receiver turned away before it read them as telemetry",
    ["receiver", "transport", "reason"],
  ),
  podstamp_ebpf_dropped: counter(
    "{records}",
    "Records of the eBPF probes, and messages of HTTP, of which nothing was made",
    ["receiver", "reason"],
  ),
  podstamp_ebpf_connections: gauge("{connections}", "Connections with HTTP on them that are followed", ["receiver"]),
  podstamp_ebpf_cgroups: gauge("{cgroups}", "Cgroups that the eBPF probes have told of", ["receiver", "state"]),
  podstamp_ebpf_held_bytes: gauge("By", "Bytes of spans and events of the eBPF probes that nobody has taken yet", [
    "receiver",
  ]),
  podstamp_ebpf_probes_attached: gauge("{probes}", "Probes of eBPF that are attached", ["receiver"]),
  podstamp_ebpf_records: counter("{records}", "Records of the kernel's probes that their loader passed on", [
    "receiver",
  ]),
  podstamp_ebpf_lost_records: counter(
    "{records}",
    "What the kernel's probes did not pass on: records without room in the ring or without a known cgroup, requests above the rate limit, bytes that could not be read, connections without room in the table",
    ["receiver", "reason"],
  ),
  podstamp_ebpf_probe_failures: counter("{failures}", "Probes that could not be loaded or attached", [
    "receiver",
    "probe",
    "reason",
  ]),
  podstamp_ebpf_loader_exits: counter("{exits}", "Times that the loader of the probes ended or was refused", [
    "receiver",
    "reason",
  ]),
  otelcol_exporter_sent_spans: counter("{spans}", "Spans that the destination accepted", sentLabels),
  otelcol_exporter_sent_log_records: counter("{records}", "Log records that the destination accepted", sentLabels),
  otelcol_exporter_sent_metric_points: counter("{datapoints}", "Data points that the destination accepted", sentLabels),
  otelcol_exporter_sent_profile_samples: counter(
    "{samples}",
    "Samples of profiles that the destination accepted",
    sentLabels,
  ),
  otelcol_exporter_send_failed_spans: counter("{spans}", "Spans given up after sending them failed", sentLabels),
  otelcol_exporter_send_failed_log_records: counter(
    "{records}",
    "Log records given up after sending them failed",
    sentLabels,
  ),
  otelcol_exporter_send_failed_metric_points: counter(
    "{datapoints}",
    "Data points given up after sending them failed",
    sentLabels,
  ),
  otelcol_exporter_send_failed_profile_samples: counter(
    "{samples}",
    "Samples of profiles given up after sending them failed",
    sentLabels,
  ),
  otelcol_exporter_enqueue_failed_spans: counter("{spans}", "Spans that did not fit in the sending queue", [
    "exporter",
  ]),
  otelcol_exporter_enqueue_failed_log_records: counter(
    "{records}",
    "Log records that did not fit in the sending queue",
    ["exporter"],
  ),
  otelcol_exporter_enqueue_failed_metric_points: counter(
    "{datapoints}",
    "Data points that did not fit in the sending queue",
    ["exporter"],
  ),
  otelcol_exporter_enqueue_failed_profile_samples: counter(
    "{samples}",
    "Samples of profiles that did not fit in the sending queue",
    ["exporter"],
  ),
  otelcol_exporter_queue_size: gauge("{batches}", "What is in the sending queue now, in the unit of its sizer", [
    "exporter",
    "data_type",
  ]),
  otelcol_exporter_queue_capacity: gauge("{batches}", "What the sending queue can hold, in the unit of its sizer", [
    "exporter",
    "data_type",
  ]),
  otelcol_exporter_in_flight_requests: gauge(
    "{requests}",
    "Requests that are being sent, the waits of their retries included",
    ["exporter", "data_type"],
  ),
  otelcol_exporter_queue_batch_send_size: detailed(
    histogram("{units}", "Spans, data points, log records or samples of requests that came to the sending queue", {
      labels: ["exporter"],
      bounds: sizeBounds,
    }),
  ),
  otelcol_exporter_queue_batch_send_size_bytes: detailed(
    histogram("By", "Bytes of requests that came to the sending queue", { labels: ["exporter"], bounds: byteBounds }),
  ),
  otelcol_processor_incoming_items: counter(
    "{items}",
    "Items (spans, data points, log records, samples) given to a processor",
    ["processor", "otel_signal"],
  ),
  otelcol_processor_outgoing_items: counter("{items}", "Items that a processor gave on", ["processor", "otel_signal"]),
  otelcol_processor_batch_batch_size_trigger_send: normal(
    counter("{times}", "Batches sent because they were full", ["processor"]),
  ),
  otelcol_processor_batch_timeout_trigger_send: normal(
    counter("{times}", "Batches sent because their time was up", ["processor"]),
  ),
  otelcol_processor_batch_batch_send_size: normal(
    histogram("{units}", "Spans, data points or log records of batches that the next hop took", {
      labels: ["processor"],
      bounds: sizeBounds,
    }),
  ),
  otelcol_processor_batch_batch_send_size_bytes: detailed(
    histogram("By", "Bytes of batches that the next hop took", { labels: ["processor"], bounds: byteBounds }),
  ),
  podstamp_batch_idle_trigger_send: normal(
    counter("{times}", "Batches sent because nothing was in flight behind them", ["processor"]),
  ),
  podstamp_batch_split_requests: normal(
    counter("{requests}", "Requests sent again alone because the batch they were in was refused", ["processor"]),
  ),
  otelcol_processor_memory_limiter_accepted_spans: counter("{spans}", "Spans that memory_limiter let pass", [
    "processor",
  ]),
  otelcol_processor_memory_limiter_accepted_log_records: counter(
    "{records}",
    "Log records that memory_limiter let pass",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_accepted_metric_points: counter(
    "{datapoints}",
    "Data points that memory_limiter let pass",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_accepted_profile_samples: counter(
    "{samples}",
    "Samples of profiles that memory_limiter let pass",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_refused_spans: counter(
    "{spans}",
    "Spans that memory_limiter refused, so that the sender was told to come back",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_refused_log_records: counter(
    "{records}",
    "Log records that memory_limiter refused, so that the sender was told to come back",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_refused_metric_points: counter(
    "{datapoints}",
    "Data points that memory_limiter refused, so that the sender was told to come back",
    ["processor"],
  ),
  otelcol_processor_memory_limiter_refused_profile_samples: counter(
    "{samples}",
    "Samples of profiles that memory_limiter refused, so that the sender was told to come back",
    ["processor"],
  ),
  otelcol_processor_filter_spans_filtered: counter("1", "Spans that a filter dropped", ["filter"]),
  otelcol_processor_filter_logs_filtered: counter("1", "Log records that a filter dropped", ["filter"]),
  otelcol_processor_filter_datapoints_filtered: counter("1", "Data points that a filter dropped", ["filter"]),
  podstamp_dropped_items: counter("{items}", "Items lost after they were acknowledged", [
    "component",
    "otel_signal",
    "reason",
  ]),
  podstamp_dead_letter_items: counter("{items}", "Items that could not be sent and were written to the dead letters", [
    "exporter",
    "otel_signal",
    "reason",
  ]),
  podstamp_dead_letter_bytes: gauge("By", "What the files of the dead letters take", ["exporter"]),
  podstamp_storage_file_bytes: gauge("By", "What the files of file_storage take on the disk", ["extension"]),
  podstamp_storage_free_bytes: gauge("By", "How much of them is free for what comes next", ["extension"]),
  podstamp_storage_damages: counter("{files}", "Files and records of file_storage that were damaged and set aside", [
    "extension",
  ]),
  podstamp_storage_set_aside_bytes: gauge("By", "What the files that were set aside take", ["extension"]),
  podstamp_storage_set_aside_removed: counter("{files}", "Files that were set aside and removed, the oldest first", [
    "extension",
  ]),
  podstamp_lookups: counter("{lookups}", "Container IDs looked up in the directory", ["result"]),
  podstamp_waits: counter("{waits}", "Waits for a container that the runtime did not know yet", ["outcome"]),
  podstamp_waiting_bytes: gauge("By", "Bytes held while waiting for a container", []),
  podstamp_stamped_items: counter("{items}", "Items that left with the identity of a pod or container", ["processor"]),
  podstamp_unstamped_items: counter("{items}", "Items that left without one", ["processor", "reason"]),
  podstamp_partly_stamped_items: counter(
    "{items}",
    "Items that left with one and less than there could be: of a pause container, with an image of several names, beside what the resource says of another pod",
    ["processor", "reason"],
  ),
  podstamp_kubelet_polls: counter("{polls}", "Questions for pods to the node's kubelet", ["result"]),
  otelcol_k8s_pod_association: counter(
    "{resources}",
    "Resources, or groups of their records, by whether their pod was found",
    ["status", "pod_identifier", "otelcol_signal"],
  ),
  podstamp_runtime_calls: counter("{calls}", "Calls to a container runtime", ["runtime", "method", "result"]),
  podstamp_runtime_call_seconds: normal(
    counter("s", "Time spent waiting for calls to a container runtime", ["runtime", "method"]),
  ),
  podstamp_runtime_left_out: counter("{containers}", "Containers that a runtime told of and that were not taken", [
    "runtime",
    "reason",
  ]),
  podstamp_runtime_up: gauge("1", "1 while a runtime answers, else 0", ["runtime"]),
  podstamp_events: counter("{events}", "Events received from a container runtime", ["runtime"]),
  podstamp_directory_entries: gauge("{entries}", "Entries of the directory of containers", ["kind"]),
  otelcol_process_uptime: counter("s", "Time since the process started", []),
  otelcol_process_cpu_seconds: counter("s", "CPU time of the process, user and system", []),
  otelcol_process_memory_rss: gauge("By", "Memory that the process holds", []),
  otelcol_process_runtime_heap_alloc_bytes: gauge("By", "JavaScript heap in use and memory of buffers", []),
  otelcol_process_runtime_total_sys_memory_bytes: gauge("By", "JavaScript heap reserved and memory of buffers", []),
} satisfies Record<string, MetricShape>;

/** Every metric by its name. */
export const metricShapes: Readonly<Record<keyof typeof shapes, MetricShape>> = shapes;

/** The name of a metric. */
export type MetricName = keyof typeof shapes;

type NamesOf<K extends MetricShape["kind"]> = {
  [N in MetricName]: (typeof shapes)[N]["kind"] extends K ? N : never;
}[MetricName];

/** The name of a counter. */
export type CounterName = NamesOf<"counter">;

/** The name of a gauge. */
export type GaugeName = NamesOf<"gauge">;

/** The name of a histogram. */
export type HistogramName = NamesOf<"histogram">;

function counter(unit: string, description: string, labels: readonly string[]) {
  return { kind: "counter" as const, unit, description, labels, level: "basic" as const };
}

function gauge(unit: string, description: string, labels: readonly string[]) {
  return { kind: "gauge" as const, unit, description, labels, level: "basic" as const };
}

type HistogramFacts = { readonly labels: readonly string[]; readonly bounds: readonly number[] };

function histogram(unit: string, description: string, facts: HistogramFacts) {
  return { kind: "histogram" as const, unit, description, ...facts, level: "basic" as const };
}

function normal<S extends MetricShape>(shape: S) {
  return { ...shape, level: "normal" as const };
}

function detailed<S extends MetricShape>(shape: S) {
  return { ...shape, level: "detailed" as const };
}
