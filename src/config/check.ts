import { elsewhere } from "./collector-names.ts";
import { readComponents, sectionEntries } from "./component-section.ts";
import type { ComponentSection } from "./component-section.ts";
import { sectionOf } from "./component-type.ts";
import type { ComponentType, PipelineKind } from "./component-type.ts";
import type { Config, Configured, Types } from "./config.ts";
import { decode, unknownRule } from "./document/decode.ts";
import type { Env } from "./document/reference.ts";
import { readExtensions, storageProblems } from "./extensions.ts";
import { loopProblems, loopsOf } from "./loops.ts";
import { readPipelines } from "./pipelines.ts";
import { cannotUse, shown } from "./document/problem.ts";
import type { Problem } from "./document/problem.ts";
import { serviceSchema } from "./service.ts";
import type { ServiceSettings } from "./service.ts";
import type { Entry, Tree } from "./document/tree.ts";

const sections = ["receivers", "processors", "exporters", "connectors", "extensions", "service"];

/** The configuration when nothing in it is wrong, and every problem either way. */
export type Checked<C> = { readonly config: C | undefined; readonly problems: readonly Problem[] };

/** Checks a whole file, merged and expanded, against the components that there are. */
export function checkConfig<
  R extends ComponentType,
  P extends ComponentType,
  E extends ComponentType,
  X extends ComponentType,
>(root: Tree, types: Types<R, P, E, X>, env: Env): Checked<Config<R, P, E, X>> {
  if (root.kind !== "map" || root.entries.size === 0) {
    const rule = root.kind === "map" ? "must not be empty" : "must be a map";
    return { config: undefined, problems: [{ severity: "error", at: root.at, message: cannotUse([], rule) }] };
  }
  const problems: Problem[] = [...unknownSections(root.entries)];
  const receivers = readComponents(root, "receiver", { types: types.receivers, env });
  const processors = readComponents(root, "processor", { types: types.processors, env });
  const exporters = readComponents(root, "exporter", { types: types.exporters, env });
  const declared = readComponents(root, "extension", { types: types.extensions, env });
  problems.push(...receivers.problems, ...processors.problems, ...exporters.problems, ...declared.problems);
  const connectors = sectionEntries(root, "connectors", problems);
  const extensions = readExtensions(root, declared);
  problems.push(...refused(connectors), ...extensions.problems, ...notices(declared, new Set(extensions.used.keys())));
  problems.push(...storageProblems(exporters, { declared: declared.declared, used: extensions.used }));
  const service = readService(root, problems);
  const pipelines = readPipelines(root, { receivers, processors, exporters, connectors });
  problems.push(...pipelines.problems);
  const used = (kind: PipelineKind) => new Set(pipelines.pipelines.flatMap((pipeline) => pipeline[sectionOf[kind]]));
  // Without a pipeline everything is unused: that is said once.
  if (pipelines.pipelines.length > 0) {
    problems.push(
      ...unused("receiver", receivers, used("receiver")),
      ...unused("processor", processors, used("processor")),
      ...unused("exporter", exporters, used("exporter")),
    );
  }
  if (service === undefined || problems.some((problem) => problem.severity === "error"))
    return { config: undefined, problems };
  const config = {
    receivers: pick(receivers.good, used("receiver")),
    processors: pick(processors.good, used("processor")),
    exporters: pick(exporters.good, used("exporter")),
    extensions: extensions.used,
    pipelines: pipelines.pipelines,
    service,
  };
  return { config, problems: [...problems, ...loopProblems(loopsOf(config), exporters)] };
}

function unknownSections(entries: ReadonlyMap<string, Entry>): readonly Problem[] {
  return [...entries]
    .filter(([key]) => !sections.includes(key))
    .map(([key, { keyAt }]) => ({
      severity: "error",
      at: keyAt,
      message: cannotUse([key], unknownRule("key", key, { names: sections })),
    }));
}

function refused(connectors: ReadonlyMap<string, Entry>): readonly Problem[] {
  return [...connectors].map(([id, { keyAt }]) => ({
    severity: "error",
    at: keyAt,
    message: cannotUse(["connectors", id], elsewhere("connector", shown(id.split("/")[0] ?? id))),
  }));
}

/** What has to be known of the types that are used. */
function notices<T extends ComponentType>(
  { declared }: ComponentSection<T>,
  used: ReadonlySet<string>,
): readonly Problem[] {
  return [...declared].flatMap(([id, { entry, type }]) =>
    type?.notice === undefined || !used.has(id)
      ? []
      : [{ severity: "warning" as const, at: entry.keyAt, message: `${sectionOf[type.kind]}::${id} ${type.notice}` }],
  );
}

function readService(root: Tree, problems: Problem[]): ServiceSettings | undefined {
  const entry = root.kind === "map" ? root.entries.get("service") : undefined;
  const entries = sectionEntries(root, "service", problems);
  const own = new Map([...entries].filter(([key]) => key !== "pipelines" && key !== "extensions"));
  const decoded = decode(serviceSchema, { kind: "map", at: entry?.keyAt ?? root.at, entries: own }, ["service"]);
  problems.push(...decoded.problems);
  return decoded.ok ? decoded.value : undefined;
}

function unused<T extends ComponentType>(
  kind: PipelineKind,
  { declared }: ComponentSection<T>,
  used: ReadonlySet<string>,
): readonly Problem[] {
  return (
    [...declared]
      // One whose type is not known is an error already.
      .filter(([id, { type }]) => type !== undefined && !used.has(id))
      .map(([id, { entry }]) => ({
        severity: "warning",
        at: entry.keyAt,
        message: `${sectionOf[kind]}::${id} is in no pipeline: it is not started`,
      }))
  );
}

function pick<T extends ComponentType>(
  good: ReadonlyMap<string, Configured<T>>,
  used: ReadonlySet<string>,
): ReadonlyMap<string, Configured<T>> {
  return new Map([...good].filter(([id]) => used.has(id)));
}
