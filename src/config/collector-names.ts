import type { PipelineKind } from "./component-type.ts";

/** What podstamp may lack: extensions, of which each has another way out, are in absent-extension.ts. */
type Kind = PipelineKind | "connector";

/**
 * Components that the Collector and its contrib distribution have and podstamp does not, so that a file that has one is told
 * where it can go instead of what else might be meant. Those that are most used, not all.
 */
const known: Readonly<Record<Kind, string>> = {
  receiver: `
    awscloudwatch awscontainerinsight awsecscontainermetrics awsfirehose awss3 awsxray azureeventhub azuremonitor carbon
    chrony cloudflare cloudfoundry collectd couchdb datadog docker_stats elasticsearch expvar faro filelog filestats flinkmetrics
    fluentforward github googlecloudpubsub haproxy hostmetrics httpcheck iis influxdb jaeger jmx journald k8s_cluster k8s_events
    k8sobjects kubeletstats loki memcached mongodb mongodbatlas mysql netflow nginx ntp opencensus oracledb otlpjsonfile
    otelarrow podman_stats postgresql prometheus prometheusremotewrite prometheus_simple pulsar purefa rabbitmq receiver_creator
    redis riak saphana signalfx skywalking snmp snowflake solace splunk_hec sqlquery sqlserver statsd stef syslog tcplog
    tlscheck udplog vcenter wavefront webhookevent windowseventlog windowsperfcounters yanggrpc zipkin zookeeper`,
  processor: `
    coralogix cumulativetodelta datadogsemantics deltatocumulative deltatorate geoip groupbyattrs groupbytrace interval
    isolationforest logdedup logstransform metricsgeneration metricstarttime metricstransform probabilistic_sampler queuebatch
    redaction remotetap routing schema span spanmetrics sumologic tail_sampling transform unroll`,
  exporter: `
    alertmanager alibabacloud_logservice awscloudwatchlogs awsemf awskinesis awss3 awsxray azureblob azuredataexplorer
    azuremonitor bmchelix carbon cassandra clickhouse coralogix datadog dataset doris elasticsearch faro google_cloud_storage
    googlecloud googlecloudpubsub googlemanagedprometheus honeycombmarker influxdb jaeger kinetica load_balancing loadbalancing
    logging logicmonitor logzio loki mezmo opencensus opensearch otelarrow prometheus prometheusremotewrite pulsar rabbitmq
    sapm sentry signalfx splunk_hec stef sumologic syslog tencentcloud_logservice tinybird zipkin`,
  connector: `
    count datadog exceptions failover forward grafanacloud metricsaslogs otlpjson roundrobin routing servicegraph signaltometrics
    slowsql span_metrics spanmetrics sum`,
};

const sets: Readonly<Record<Kind, ReadonlySet<string>>> = {
  receiver: words(known.receiver),
  processor: words(known.processor),
  exporter: words(known.exporter),
  connector: words(known.connector),
};

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Whether the Collector has a component of this type. */
export function isOfCollector(kind: Kind, type: string): boolean {
  return sets[kind].has(type);
}

/** What is said of a component that podstamp does not have: where it can go instead. */
export function elsewhere(kind: Kind, type: string): string {
  return `podstamp has no ${kind} "${type}"; ${nearer[`${kind} ${type}`] ?? places[kind]}`;
}

/** Where there is something closer than another Collector. */
const nearer: Readonly<Record<string, string>> = {
  "connector forward":
    "give the pipeline that receives from it the receivers and processors of those that send to it, as `podstamp migrate` does",
  "exporter logging": "it is called debug today, and its loglevel debug is verbosity: detailed",
  "exporter jaeger": "Jaeger takes OTLP itself: otlp_grpc with endpoint: HOST:4317",
  "exporter loki": "Loki takes OTLP itself: otlp_http with endpoint: http://HOST:3100/otlp",
};

const places: Readonly<Record<Kind, string>> = {
  receiver: "keep it in a Collector beside podstamp, which may send to podstamp's otlp receiver",
  processor: "put it into the Collector that podstamp sends to",
  exporter: "send to a Collector with otlp_grpc and put it there",
  connector: "put it, with its pipelines, into the Collector that podstamp sends to",
};
