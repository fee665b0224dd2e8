import { hostname } from "node:os";
import type { Directory } from "../../containers/directory.ts";
import type { Container, Pod } from "../../containers/index/entry.ts";
import { pause } from "../../containers/following/wait.ts";
import { formatDuration } from "../../config/fields/duration.ts";
import { signals } from "../../otlp/signals.ts";
import type { Consumer, Host, Processor } from "../../pipeline/contract.ts";
import type { ProcessorFactory } from "../../pipeline/graph/factory.ts";
import { createIdle } from "../../pipeline/idle.ts";
import { createResolver } from "./resolver.ts";
import type { WaitingRoom } from "./resolver.ts";
import type { Extraction } from "./extract/extraction.ts";
import { type Dialect, textOf } from "./extract/facts.ts";
import type { Supplement } from "./extract/supplement.ts";
import { createDecider } from "./decider.ts";
import { keptSettings, sharedDirectory } from "./shared-directory.ts";
import { createExtras, uidKeys } from "./extras.ts";
import { resourceKeys } from "./association/identity.ts";
import { answerLookup } from "./inquiry/answer.ts";
import { createSamples } from "./inquiry/samples.ts";
import { supplementOf } from "./supplements/configured.ts";
import { createPodAttributes } from "./pod-attributes.ts";
import { createPodFilter, type Hidden } from "./association/pod-filter.ts";
import { createPodRules, type PodRules } from "./association/pod-rules.ts";
import { reviewSettings } from "./review.ts";
import { type Settings, settingsOf } from "./settings/settings.ts";
import { createStamper } from "./stamper.ts";

const summary = "Writes on telemetry which pod, container and image it is of, as the node's container runtime knows it";

/** Writes on telemetry which pod, container and image it is of, as the node's container runtime knows it. */
export const criAttributesProcessor: ProcessorFactory<Settings> = {
  type: "cri_attributes",
  kind: "processor",
  aliases: [],
  signals,
  stability: "beta",
  summary: `${summary}.`,
  ...inWordsOf("podstamp"),
};

/** The same under the Collector's name, with the Collector's defaults. */
export const k8sAttributesProcessor: ProcessorFactory<Settings> = {
  type: "k8s_attributes",
  kind: "processor",
  aliases: [{ name: "k8sattributes", deprecated: true }],
  signals,
  stability: "beta",
  summary: `${summary}; a block of the Collector's k8s_attributes works as it stands, with its defaults.`,
  ...inWordsOf("collector"),
};

function inWordsOf(
  dialect: Dialect,
): Pick<ProcessorFactory<Settings>, "schema" | "review" | "keptByReload" | "create"> {
  return {
    schema: settingsOf(dialect),
    // The schema has put them out.
    review: (settings, env) => reviewSettings(settings as Settings, env, dialect),
    keptByReload: (before, after) => keptSettings(before as Settings, after as Settings),
    create: (config, host, next) => createCriAttributes(config, dialect, { host, next }),
  };
}

type Surroundings = { readonly host: Host; readonly next: Consumer };

function createCriAttributes(config: Settings, dialect: Dialect, { host, next }: Surroundings): Processor {
  const { metrics, environment } = host;
  const directory = sharedDirectory(config, host);
  const extraction = extractionOf(config, dialect);
  const nodeName = nodeNameOf(config, environment);
  const known = { extraction, supplement: supplementOf(config, host, nodeName), nodeName };
  const hidden = createPodFilter({
    ...known,
    filter: config.filter,
    exclude: config.exclude,
    readsIgnore: dialect === "podstamp" || extraction.annotations.length > 0 || extraction.otelAnnotations,
    environment,
  });
  const attributes = createPodAttributes(known);
  const rules = rulesOf(config, { ...known, directory, hidden, attributes });
  const idle = createIdle();
  const keys = resourceKeys([...(rules?.resourceKeys ?? []), ...uidKeys(extraction)]);
  const stamper = createStamper({
    ...known,
    override: config.override,
    mode: config.record_attributes,
    hasEntities: config.entity_refs,
  });
  const resolving = {
    processor: host.id,
    directory,
    rules,
    uidOf: uidOfRuntime(known.supplement),
    isImageTold: ({ facts, pod }: Container) =>
      pod !== undefined && known.supplement.pod(pod)?.images?.has(facts.name) === true,
    keys,
    mode: config.passthrough ? "off" : config.record_attributes,
    stamper,
    waitMs: config.wait,
    maxWaitingBytes: config.max_waiting_mib,
    extras: createExtras({ ...known, keys, isPassthrough: config.passthrough, hasRules: rules !== undefined }),
    isPassthrough: config.passthrough,
  };
  const deciding = {
    directory,
    waitMs: config.wait,
    hidden,
    isNameFirst: dialect === "collector" || rules !== undefined,
    needsPodDetails: needsPodDetails(config),
    version: known.supplement.version,
    stampsOf: stamper.stampsOf,
    nameIn: hasPodRules(extraction) ? (pod: Pod) => textOf(attributes(pod).get("k8s.container.name")) : () => undefined,
  };
  const samples = createSamples(host.id);
  const decider = createDecider({ ...deciding, metrics });
  const waiting = sharedWaitingRoom(host);
  const resolve = createResolver({ ...resolving, decider, next, metrics, waiting, idle, tap: samples.tap });
  const stopping = new AbortController();
  return {
    async start() {
      if (config.wait_for_metadata)
        await waitForMetadata(directory, config, { log: host.log, signal: stopping.signal });
    },
    // Those who wait end with their callers, who are stopped before.
    async stop() {
      stopping.abort();
      samples.stop();
    },
    consume: resolve,
    answers: { lookup: answerLookup({ id: host.id, resolving, deciding, ...known }), spans: samples.answer },
    whenIdle: () => idle.whenIdle()?.then(() => next.whenIdle()) ?? next.whenIdle(),
  };
}

type Known = {
  readonly extraction: Extraction;
  readonly supplement: Supplement;
  readonly nodeName: string;
  readonly directory: Directory;
  readonly hidden: (pod: Pod) => Hidden | undefined;
  /** What is written of a pod. */
  readonly attributes: (pod: Pod) => ReadonlyMap<string, string>;
};

/** Whether labels or annotations of pods may be written under any name. */
function hasPodRules({ labels, annotations, otelAnnotations }: Extraction): boolean {
  return otelAnnotations || [...labels, ...annotations].some(({ from }) => from === "pod");
}

function uidOfRuntime({ runtimeUid }: Supplement): (uid: string) => string {
  return (uid) => runtimeUid(uid) ?? uid;
}

/** The rules of the file; undefined where podstamp's own order is to be taken. */
function rulesOf({ pod_association: rules }: Settings, known: Known): PodRules | undefined {
  if (rules.length === 0) return undefined;
  return createPodRules({
    rules,
    directory: known.directory,
    attribute: (pod, name) => known.attributes(pod).get(name),
    version: known.supplement.version,
    isHidden: (pod) => known.hidden(pod) !== undefined,
    uidOf: uidOfRuntime(known.supplement),
  });
}

/** Whether something is asked for that only the status of a pod tells. */
function needsPodDetails({ extract, filter }: Settings): boolean {
  const fields = ["status.podIP", "spec.hostNetwork"];
  return (
    extract.metadata.some((name) => name === "k8s.pod.ip" || name === "k8s.pod.hostname") ||
    filter.fields.some(({ key }) => fields.includes(key))
  );
}

function extractionOf({ extract, semconv }: Settings, dialect: Dialect): Extraction {
  return {
    metadata: new Set(extract.metadata),
    semconv,
    dialect,
    labels: extract.labels,
    annotations: extract.annotations,
    containerLabels: extract.container_labels,
    otelAnnotations: extract.otel_annotations,
  };
}

type Waiting = { readonly log: Host["log"]; readonly signal: AbortSignal };

/** Between two looks whether everything was listed. */
const lookMs = 50;

/** Returns when every runtime has been listed; after the timeout podstamp starts all the same, and says so. */
async function waitForMetadata(
  directory: Directory,
  { wait_for_metadata_timeout: timeoutMs }: Settings,
  { log, signal }: Waiting,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  const isListed = () => {
    const states = directory.runtimes();
    return states.length > 0 && states.every(({ status }) => status === "following");
  };
  while (!isListed() && !signal.aborted) {
    if (performance.now() >= until) {
      log.warn(
        { wait_for_metadata_timeout: formatDuration(timeoutMs) },
        "Starting without metadata: a container runtime does not answer",
      );
      return;
    }
    await pause(lookMs, signal);
  }
}

/** All instances hold telemetry in one room, so that their limits are limits of the process. */
function sharedWaitingRoom({ share, metrics }: Host): WaitingRoom {
  return share("waiting for containers", () => {
    const room = { bytes: 0, async start() {}, async stop() {} };
    metrics.gauge("podstamp_waiting_bytes", {}, () => room.bytes);
    return room;
  });
}

/** The name that Kubernetes has for this node, as far as it can be known without asking it: who filters by a node means the one he is on. */
export function nodeNameOf(
  { node_name: name, filter }: Pick<Settings, "node_name" | "filter">,
  environment: Host["environment"],
): string {
  const { node, node_from_env_var: variable } = filter;
  const filtered = variable === "" ? node : environment[variable];
  return name || environment["K8S_NODE_NAME"] || filtered || hostname().toLowerCase();
}
