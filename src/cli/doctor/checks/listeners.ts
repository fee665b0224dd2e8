import { createServer } from "node:net";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../../../net/socket/endpoint.ts";
import { listen } from "../../../net/socket/listen.ts";
import { isLoopback } from "../../../net/socket/peer.ts";
import type { PipelineConfig } from "../../../pipeline/graph/graph.ts";
import { type Finding, findingsOf, messageOf } from "../finding.ts";
import { holderOf } from "../port-holder.ts";
import type { Self } from "../self.ts";
import { metricsReaders, type Subject } from "../subject.ts";

const { ok, skipped, warning, problem } = findingsOf("listener");

type Listener = { readonly name: string; readonly endpoint: Endpoint };

/** Whether each address that the configuration listens at is free, or held by a podstamp that runs. */
export async function checkListeners({ config, running, self }: Subject): Promise<readonly Finding[]> {
  if (config === undefined) return [skipped("No valid configuration says where to listen")];
  const findings: Finding[] = [];
  for (const each of listenersOf(config)) findings.push(orAlone(await look(each, running), each, self));
  return findings;
}

/** In a network of its own a receiver at localhost, which is where one listens unless told, hears nobody of the other containers. */
function orAlone(found: Finding, { name, endpoint }: Listener, { hasOwnNetwork }: Self): Finding {
  if (found.status !== "ok" || !hasOwnNetwork || endpoint.kind !== "tcp" || !name.startsWith("receivers::"))
    return found;
  if (endpoint.host !== "localhost" && !isLoopback(endpoint.host)) return found;
  return warning(
    `${found.text}; only from the network of this container can anybody send to it`,
    `listen at 0.0.0.0:${endpoint.port} where other pods or containers are to send here (with the configuration of podstamp's image: PODSTAMP_LISTEN=0.0.0.0)`,
  );
}

async function look({ name, endpoint }: Listener, running: readonly number[]): Promise<Finding> {
  const where = formatEndpoint(endpoint);
  // Listening on a path would take it from whoever has it.
  if (endpoint.kind === "unix") return skipped(`${name}: ${where} is made when podstamp starts`);
  try {
    (await listen(endpoint, createServer)).close();
    return ok(`${name}: ${where} is free`);
  } catch (error) {
    const holder = holderOf(endpoint.port);
    if (holder !== undefined && (running.includes(holder.pid) || holder.isPodstamp))
      return ok(`${name}: ${where} is held by the podstamp that runs (process ${holder.pid})`);
    const who = holder === undefined ? "" : `; process ${holder.pid} (${holder.name}) has it`;
    return problem(`${name}: ${messageOf(error)}${who}`, todoOf(messageOf(error), endpoint.port, holder !== undefined));
  }
}

function todoOf(message: string, port: number, isHeld: boolean): string {
  if (isHeld) return "end it, or choose another endpoint";
  if (/permission denied/.test(message))
    return "choose a port above 1023, or give podstamp CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities; a pod: capabilities.add)";
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN/.test(message))
    return "listen at an address that this machine has: 0.0.0.0 and [::] are all of them; in a pod ${env:POD_IP} by the downward API is its own";
  return `see who has it (ss -lntp 'sport = :${port}'), or choose another endpoint`;
}

function listenersOf(config: PipelineConfig): readonly Listener[] {
  const receivers = [...config.receivers].flatMap(([id, { settings }]) =>
    Object.entries(sectionOf(settings, "protocols")).flatMap(([protocol, each]) =>
      listener(`receivers::${id}::${protocol}`, sectionOf({ each }, "each")["endpoint"]),
    ),
  );
  const extensions = [...config.extensions].flatMap(([id, { settings }]) =>
    listener(`extensions::${id}`, sectionOf({ settings }, "settings")["endpoint"]),
  );
  const readers = metricsReaders(config).flatMap(({ host, port }) =>
    listener("service::telemetry::metrics", `${host.includes(":") ? `[${host}]` : host}:${port}`),
  );
  return [...receivers, ...extensions, ...readers];
}

function listener(name: string, text: unknown): readonly Listener[] {
  // A unix socket's endpoint may be a bare path.
  const endpoint = typeof text === "string" ? parseEndpoint(text.startsWith("/") ? `unix://${text}` : text) : "";
  return typeof endpoint === "string" ? [] : [{ name, endpoint }];
}

function sectionOf(settings: unknown, key: string): Readonly<Record<string, unknown>> {
  const section: unknown = typeof settings === "object" && settings !== null ? Reflect.get(settings, key) : undefined;
  return typeof section === "object" && section !== null ? { ...section } : {};
}
