import { attributeRules } from "../../src/processors/cri-attributes/extract/attributes.ts";
import type { AttributeRule } from "../../src/processors/cri-attributes/extract/facts.ts";

/** The page of every attribute that podstamp writes, as Markdown, made of the table by which it writes them. */
export function renderAttributes(): string {
  return `# Attributes

<!-- Made by \`npm run build:docs\` from the table that the code uses. Do not edit. -->

What \`cri_attributes\` and \`k8s_attributes\` can write, by the names that \`extract::metadata\` takes. Labels and annotations come with
\`extract::labels\`, \`extract::annotations\`, \`extract::container_labels\` and \`extract::otel_annotations\`: see [k8s-attributes.md](k8s-attributes.md).
What the facts do not decide is left out and counted, never guessed.

- **CRI**: the call and field of containerd, CRI-O and cri-dockerd that tells it. Labels and annotations are the pod sandbox's.
- **Docker, Podman**: the field of their own APIs; of a container that Kubernetes made they tell the same by its \`io.kubernetes.*\` labels.
- **default of**: in whose set it is when \`extract::metadata\` is not set: \`cri\` is \`cri_attributes\`, \`k8s\` is \`k8s_attributes\`.
- **stability**: of the name in the semantic conventions. \`semconv: legacy\` and \`both\` write older names too, where there are some.

| attribute | type | CRI | Docker, Podman | default of | stability |
|---|---|---|---|---|---|
${attributeRules.map(row).join("\n")}
`;
}

function row(rule: AttributeRule): string {
  const { name, legacy, only, type, source, engine, otherwise, defaults, stability } = rule;
  const names = [
    `\`${name}\``,
    ...(legacy === undefined ? [] : [`(before: \`${legacy}\`)`]),
    ...(only === undefined ? [] : [`(\`semconv: ${only}\` and \`both\`)`]),
  ].join(" ");
  const told = [
    ...(source === "" ? [] : [source]),
    ...(otherwise === undefined ? [] : [`no runtime: \`${otherwise.replace(" or ", "` or `")}\``]),
  ].join("; ");
  const sets = [
    ...(defaults.includes("podstamp") ? ["cri"] : []),
    ...(defaults.includes("collector") ? ["k8s"] : []),
  ].join(", ");
  return `| ${[names, type, told, engine ?? "", sets, stability].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
