import { isDeepStrictEqual } from "node:util";
import type { Configured } from "./config/config.ts";
import type { PipelineConfig } from "./pipeline/graph/graph.ts";

/** What a reload leaves as it was. */
export type Reloaded = {
  /** Settings, as `a::b::c`, that differ from what runs and count only with the next start. */
  readonly forRestart: readonly string[];
  /** The new configuration, with those of what runs in their place: what the next reload is compared with. */
  readonly running: PipelineConfig;
};

/** Compares what runs with the configuration that has taken its place. */
export function afterReload(before: PipelineConfig, after: PipelineConfig): Reloaded {
  const { telemetry, control_socket } = before.service;
  const parts = Object.keys(telemetry) as (keyof typeof telemetry)[];
  const changed = parts.filter((part) => !isDeepStrictEqual(telemetry[part], after.service.telemetry[part]));
  const processors = keptOf("processors", before.processors, after.processors);
  return {
    forRestart: [
      ...changed.map((part) => `service::telemetry::${part}`),
      ...(control_socket === after.service.control_socket ? [] : ["service::control_socket"]),
      ...processors.names,
    ],
    running: {
      ...after,
      processors: processors.running,
      service: { ...after.service, telemetry, control_socket },
    },
  };
}

/** Of components what goes on with the settings that it had. */
function keptOf<C extends Configured>(section: string, before: ReadonlyMap<string, C>, after: ReadonlyMap<string, C>) {
  const names: string[] = [];
  const running = new Map(after);
  for (const [id, configured] of after) {
    const known = before.get(id);
    const kept = known && configured.type.keptByReload?.(known.settings, configured.settings);
    if (known === undefined || kept === undefined || kept.length === 0) continue;
    names.push(...kept.map((name) => `${section}::${id}::${name}`));
    running.set(id, { ...configured, settings: known.settings });
  }
  return { names, running };
}
