import { get } from "node:http";
import { type Finding, findingsOf, messageOf } from "../finding.ts";
import { metricsReaders, type Subject } from "../subject.ts";
import { lackTodo, unstampedTodo } from "./advice.ts";

const { ok, skipped, warning, problem } = findingsOf("running");

const timeoutMs = 3000;
const maxBytes = 4 * 1024 * 1024;

/** What the podstamp that runs has counted: what it received, stamped and could not stamp, dropped. */
export async function checkCounts({ config, running }: Subject, signal: AbortSignal): Promise<readonly Finding[]> {
  const [reader] = config === undefined ? [] : metricsReaders(config);
  const ones =
    running.length === 0 ? "No podstamp of this user's is seen to run" : `Process ${running.join(", ")} runs`;
  if (config === undefined)
    return [skipped(`${ones}: what it counts is read at the address that its configuration has`)];
  if (reader === undefined) return [skipped(`${ones}, and the configuration has no reader of metrics with pull`)];
  const host = reader.host === "0.0.0.0" || reader.host === "::" || reader.host === "" ? "localhost" : reader.host;
  try {
    const text = await read({ host, port: reader.port }, signal);
    return countsOf(text, config);
  } catch (error) {
    return [skipped(`${ones}; nothing is read at ${host}:${reader.port}: ${messageOf(error)}`)];
  }
}

function read({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const asked = get({ host, port, path: "/metrics", agent: false, signal: limit }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (text.length > maxBytes) asked.destroy(new Error(`must be at most ${maxBytes} bytes, is longer`));
      });
      answer.on("end", () => resolve(text));
      answer.on("error", reject);
    });
    asked.on("error", reject);
  });
}

type Series = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** What has to be known of the configuration. */
type WithReceivers = { readonly receivers: ReadonlyMap<string, { readonly type: { readonly type: string } }> };

/** The findings of an exposition of metrics. */
export function countsOf(text: string, config: WithReceivers): readonly Finding[] {
  const all = seriesOf(text);
  const uptime = all.find(({ name }) => name === "otelcol_process_uptime")?.value;
  // One that only passes has none of its own metrics, and one whose service.name is another has no such target.
  if (!all.some(({ name, labels }) => name.startsWith("podstamp_") || labels["service_name"] === "podstamp"))
    return [warning("What answers there is no podstamp", "see who listens at the address of its metrics")];
  return [
    ok(`It has run for ${Math.round(uptime ?? 0)} s`),
    ...receivedOf(all, config),
    ...stampedOf(all),
    ...lostOf(all),
  ];
}

/** Where telemetry comes from, and what to do when none does. */
const todoOfNothing: Readonly<Record<string, string>> = {
  otlp: "point the senders here: OTEL_EXPORTER_OTLP_ENDPOINT=http://NODE:4318 (http/protobuf) or :4317 (grpc); from pods the endpoint must not be localhost",
  ebpf: "see above whether its probes can be loaded; podstamp_ebpf_records counts what they report, and include and exclude leave out",
};

function receivedOf(all: readonly Series[], { receivers }: WithReceivers): readonly Finding[] {
  return [...receivers].flatMap(([id, { type }]) => {
    if (!(type.type in todoOfNothing)) return [];
    const of = (what: string) =>
      sum(all, ({ name, labels }) => name.startsWith(`otelcol_receiver_${what}_`) && labels["receiver"] === id);
    const [accepted, refused] = [of("accepted"), of("refused")];
    if (accepted + refused === 0)
      return warning(`receivers::${id} has received nothing`, todoOfNothing[type.type] ?? "");
    if (refused > accepted)
      return warning(
        `receivers::${id} took ${accepted} items and refused ${refused}`,
        "see the log, and what of the pipeline behind it refuses: a full queue, memory_limiter",
      );
    return ok(`receivers::${id} took ${accepted} items${refused === 0 ? "" : `, and refused ${refused}`}`);
  });
}

/** For each processor by itself: what passes two of them is counted by each. */
function stampedOf(all: readonly Series[]): readonly Finding[] {
  const counted = all.filter(({ name }) => /^podstamp_(?:un|partly_)?stamped_items$/.test(name));
  const processors = [...new Set(counted.map(({ labels }) => labels["processor"]))];
  return processors.flatMap((id) =>
    stampedBy(
      counted.filter(({ labels }) => labels["processor"] === id),
      id === undefined || processors.length === 1 ? "" : ` by processors::${id}`,
    ),
  );
}

function stampedBy(all: readonly Series[], by: string): readonly Finding[] {
  const stamped = sum(all, ({ name }) => name === "podstamp_stamped_items");
  const unstamped = all.filter(({ name, value }) => name === "podstamp_unstamped_items" && value > 0);
  const total = stamped + sum(unstamped, () => true);
  if (total === 0) return [];
  const why = unstamped.map(({ labels: { reason = "" }, value }) => {
    const text = `${value} of ${total} items left without k8s.*${by}: ${reason}`;
    const todo = unstampedTodo(reason);
    if (todo === undefined) return ok(`${text}, as the configuration says`);
    return (stamped === 0 ? problem : warning)(text, todo);
  });
  const lacking = all
    .filter(({ name, value }) => name === "podstamp_partly_stamped_items" && value > 0)
    .map(({ labels: { reason = "" }, value }) =>
      warning(
        `${value} of ${stamped} stamped items left with less than there could be${by}: ${reason}`,
        lackTodo(reason),
      ),
    );
  return stamped === 0 ? why : [ok(`${stamped} of ${total} items were stamped${by}`), ...lacking, ...why];
}

function lostOf(all: readonly Series[]): readonly Finding[] {
  const dropped = all.filter(({ name, value }) => name === "podstamp_dropped_items" && value > 0);
  const failed = all.filter(({ name, value }) => name.startsWith("otelcol_exporter_send_failed_") && value > 0);
  const down = all.filter(
    ({ name, value, labels }) => name === "podstamp_runtime_up" && value === 0 && labels["runtime"] !== "auto",
  );
  return [
    ...down.map(({ labels }) =>
      problem(
        `The runtime ${labels["runtime"] ?? ""} does not answer the podstamp that runs`,
        "see above what is said of its socket; the log has the error",
      ),
    ),
    ...dropped.map(({ labels, value }) =>
      warning(
        `${value} items were lost at ${labels["component"] ?? ""}: ${labels["reason"] ?? ""}`,
        "docs/reliability.md says which settings keep them: sending_queue, retry_on_failure, dead_letter",
      ),
    ),
    ...failed.map(({ labels, value }) =>
      warning(
        `exporters::${labels["exporter"] ?? ""} gave up on ${value} items`,
        "see above what its destination answers",
      ),
    ),
  ];
}

function sum(all: readonly Series[], fits: (series: Series) => boolean): number {
  return all.filter(fits).reduce((total, { value }) => total + value, 0);
}

/** Reads lines such as `name{label="value"} 1`. */
function seriesOf(text: string): readonly Series[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}
