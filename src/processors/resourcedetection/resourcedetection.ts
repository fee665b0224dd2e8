import { createAttributeEditor } from "../../otlp/editing/attribute-actions.ts";
import type { AttributeEditor } from "../../otlp/editing/attribute-actions.ts";
import { editResources } from "../../otlp/editing/editing.ts";
import type { Consumer, Host, Processor } from "../../pipeline/contract.ts";
import type { ProcessorFactory } from "../../pipeline/graph/factory.ts";
import { handingOnEdited } from "../../pipeline/rewrite.ts";
import { detectContainer } from "./container.ts";
import { detectEnvironment } from "./env.ts";
import { thisMachine, within } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { settings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { detectSystem, systemAttributes } from "./system.ts";
import type { SystemAttribute } from "./system.ts";

/** Writes on every resource what is known about the place that podstamp runs in, as the Collector's processor of this name. */
export const resourceDetectionProcessor: ProcessorFactory<Settings> = {
  type: "resourcedetection",
  kind: "processor",
  aliases: [{ name: "resource_detection" }],
  signals: ["traces", "metrics", "logs", "profiles"],
  stability: "beta",
  summary: "Writes on every resource what the environment, this machine and podstamp's own container say about it.",
  schema: settings,
  create: (config, host, next) => createResourceDetection(config, { host, next, machine: thisMachine() }),
};

type Options = { readonly host: Host; readonly next: Consumer; readonly machine: Machine };

/** Makes the processor for a given machine; it looks once, at start. */
export function createResourceDetection(config: Settings, { host, next, machine }: Options): Processor {
  let editor: AttributeEditor = createAttributeEditor([]);
  return {
    async start() {
      const attributes = await detect(config, { host, next, machine });
      host.log.info({ attributes: [...attributes.keys()].join(",") }, "Detected resource attributes");
      const action = config.override ? "upsert" : "insert";
      editor = createAttributeEditor([...attributes].map(([key, value]) => ({ action, key, source: { value } })));
    },
    async stop() {},
    whenIdle: () => next.whenIdle(),
    consume: handingOnEdited(next, (batch, bytes) => editResources(batch.signal, bytes, editor)),
  };
}

type Attributes = ReadonlyMap<string, string | readonly string[]>;

/** What the detectors find within the timeout; of an attribute that two find, the first one's value. */
async function detect(config: Settings, options: Options): Promise<Attributes> {
  const { host } = options;
  const found = new Map<string, string | readonly string[]>();
  const answers = config.detectors.map(async (name) => {
    const attributes = await within(config.timeout, ask(name, config, options));
    if (attributes === undefined)
      host.log.warn({ detector: name, timeout_ms: config.timeout }, "A detector did not answer in time");
    return attributes ?? new Map<string, string>();
  });
  for (const attributes of await Promise.all(answers))
    for (const [key, value] of attributes) if (!found.has(key)) found.set(key, value);
  return found;
}

async function ask(detector: string, config: Settings, { host, machine }: Options): Promise<Attributes> {
  switch (detector) {
    case "env": {
      const result = detectEnvironment(host.environment, config.env.allowlist);
      if ("attributes" in result) return result.attributes;
      host.log.warn({ detector }, result.problem);
      return new Map();
    }
    case "system": {
      const { hostname_sources: sources, resource_attributes: enabled } = config.system;
      return detectSystem(machine, {
        sources,
        // Where DNS does not answer, the host's own name is still to be had in time.
        dnsLimitMs: config.timeout / 2,
        names: namesOf(systemAttributes).filter((name) => enabled[name]?.enabled === true),
      });
    }
    case "container": {
      const id = await detectContainer(machine);
      if (id === undefined) host.log.warn({ detector }, "podstamp does not run in a container, or cannot see which");
      return id === undefined ? new Map() : new Map([["container.id", id]]);
    }
  }
  return new Map();
}

function namesOf(attributes: Readonly<Record<SystemAttribute, unknown>>): readonly SystemAttribute[] {
  return Object.keys(attributes) as SystemAttribute[];
}
