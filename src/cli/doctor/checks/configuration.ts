import { problemLine } from "../../../config/document/problem.ts";
import { nameOf } from "../../../config/source.ts";
import type { PipelineConfig } from "../../../pipeline/graph/graph.ts";
import { type Finding, findingsOf } from "../finding.ts";
import type { Subject } from "../subject.ts";

const { ok, skipped, warning, problem } = findingsOf("configuration");

const stampers = ["cri_attributes", "k8s_attributes"];
const stampTodo = "write cri_attributes into service::pipelines and into processors, before batch";

/** Whether the configuration is valid, what it warns of, and whether it stamps at all. */
export function checkConfiguration({ files, isNamed, config, problems, running }: Subject): readonly Finding[] {
  if (files.length === 0)
    return [
      skipped(
        running.length > 1
          ? `Several podstamps run (${running.join(", ")}): name the configuration of one with --config FILE`
          : "No podstamp runs whose configuration could be read: name one with --config FILE",
      ),
    ];
  const said = problems.map((each) =>
    each.severity === "error"
      ? problem(problemLine(each), "correct the file: podstamp does not start with it, and a reload is refused")
      : warning(problemLine(each).replace(" warning:", ""), "see docs/configuration.md"),
  );
  if (config === undefined) return said;
  const pipelines = config.pipelines.map(({ id }) => id).join(", ");
  return [
    ok(
      `${[...new Set(files.map(nameOf))].join(", ")}${isNamed ? "" : `, of process ${running.join(", ")},`} is valid: ${pipelines}`,
    ),
    ...said,
    ...stamping(config),
  ];
}

function stamping({ pipelines, processors }: PipelineConfig): readonly Finding[] {
  const isStamper = (id: string) => stampers.includes(processors.get(id)?.type.type ?? "");
  const without = pipelines.filter((pipeline) => !pipeline.processors.some(isStamper)).map(({ id }) => id);
  const passing = [...processors].filter(([, { settings }]) => isPassthrough(settings)).map(([id]) => id);
  const behindBatch = pipelines.filter((pipeline) => {
    const types = pipeline.processors.map((id) => processors.get(id)?.type.type ?? "");
    const at = types.indexOf("batch");
    return at >= 0 && types.slice(at).some((type) => stampers.includes(type));
  });
  return [
    ...(without.length === pipelines.length
      ? [problem("No pipeline has cri_attributes: nothing is stamped", stampTodo)]
      : []),
    ...(without.length > 0 && without.length < pipelines.length
      ? [warning(`Without cri_attributes, and so without k8s.*: ${without.join(", ")}`, stampTodo)]
      : []),
    ...passing.map((id) =>
      warning(`processors::${id} has passthrough: it writes k8s.pod.ip and nothing else`, "take passthrough out of it"),
    ),
    ...behindBatch.map(({ id }) =>
      warning(
        `${id}: cri_attributes stands behind batch, where it is not known any more who sent what`,
        "put cri_attributes before batch",
      ),
    ),
  ];
}

function isPassthrough(settings: unknown): boolean {
  return (
    typeof settings === "object" && settings !== null && "passthrough" in settings && settings.passthrough === true
  );
}
