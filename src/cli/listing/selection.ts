import type { Pattern } from "../../config/fields/pattern.ts";
import type { Container, Pod } from "../../containers/index/entry.ts";
import { stateOf } from "../../containers/told.ts";
import type { Facts } from "../../runtimes/facts.ts";
import type { Args } from "../terminal/args.ts";
import { isOfImage } from "../node/image-names.ts";
import { UsageError } from "../terminal/output.ts";

/** Whether something is to be shown; `isGone` when only a running podstamp still remembers it. */
export type Selects<T> = (entry: T, isGone: boolean) => boolean;

/** Which containers the options of `podstamp ps` mean: as crictl has it only running ones, unless something else is asked for. */
export async function containerSelection(args: Args): Promise<Selects<Container>> {
  const common = await commonSelection(args);
  const [pod, image, state] = [args.text("pod"), args.text("image") || undefined, args.text("state")?.toLowerCase()];
  const hasAllStates = args.flag("all") || isCounted(args);
  return (container, isGone) => {
    const { facts } = container;
    const isWantedState =
      state === undefined
        ? args.flag("all") || (!isGone && (hasAllStates || stateOf(container) === "running"))
        : !isGone && stateOf(container) === state;
    return (
      isWantedState &&
      (pod === undefined || facts.podId.startsWith(pod)) &&
      (image === undefined || isOfImage(container, image)) &&
      common({ id: container.id, name: nameOf(container), namespace: namespaceOf(container), labels: facts.labels })
    );
  };
}

/** Which pods the options of `podstamp pods` mean. */
export async function podSelection(args: Args): Promise<Selects<Pod>> {
  const common = await commonSelection(args);
  const state = args.text("state")?.toLowerCase();
  return ({ id, facts }, isGone) =>
    (args.flag("all") || !isGone) &&
    (state === undefined || podState(facts) === state) &&
    common({ id, name: facts.name, namespace: facts.namespace, labels: facts.labels });
}

/** The newest of them, as many as --last or --latest want; all without. */
export function newest<T extends { readonly facts: { readonly createdAt: number } }>(
  all: readonly T[],
  args: Args,
): readonly T[] {
  const sorted = all.toSorted((a, b) => b.facts.createdAt - a.facts.createdAt);
  const last = lastOf(args);
  if (last > 0) return sorted.slice(0, last);
  return args.flag("latest") ? sorted.slice(0, 1) : sorted;
}

/** "ready" or "notready". */
export function podState({ isReady }: Pod["facts"]): string {
  return isReady ? "ready" : "notready";
}

/** The name in the pod's spec, else the runtime's own. */
export function nameOf({ facts }: Container): string {
  return facts.name || facts.runtimeName || "";
}

/** The namespace of its pod; what its labels say where the runtime does not know its sandbox any more. */
export function namespaceOf({ pod, facts }: Container): string {
  return pod?.facts.namespace ?? facts.labels["io.kubernetes.pod.namespace"] ?? "";
}

function isCounted(args: Args): boolean {
  return args.flag("latest") || lastOf(args) > 0;
}

function lastOf(args: Args): number {
  const text = args.text("last") ?? "0";
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`Option --last must be a number, is "${text}"`);
  return Number(text);
}

type Common = { readonly id: string; readonly name: string; readonly namespace: string; readonly labels: Facts };

async function commonSelection(args: Args): Promise<(entry: Common) => boolean> {
  const id = args.text("id");
  const [name, namespace] = [await patternOf(args, "name"), await patternOf(args, "namespace")];
  const labels = args.texts("label").map(readLabels);
  return (entry) =>
    (id === undefined || entry.id.startsWith(id)) &&
    (name === undefined || name.matches(entry.name)) &&
    (namespace === undefined || namespace.matches(entry.namespace)) &&
    labels.every((ways) => ways.some((all) => all.every(([key, value]) => hasLabel(entry.labels, key, value))));
}

/** Whether a regular expression means itself, anywhere in a text. */
export function isPlainPattern(text: string): boolean {
  return /^[\w-]*$/.test(text);
}

async function patternOf(args: Args, name: "name" | "namespace"): Promise<Pick<Pattern, "matches"> | undefined> {
  const text = args.text(name);
  if (text === undefined) return undefined;
  // What most people write, and they need not wait for the code that reads the rest.
  if (isPlainPattern(text)) return { matches: (whole) => whole.includes(text) };
  const { compilePattern } = await import("../../config/fields/pattern.ts");
  const compiled = compilePattern(text);
  if ("problem" in compiled)
    throw new UsageError(`Option --${name} must be a regular expression of RE2's, is "${text}": ${compiled.problem}`);
  return compiled.pattern;
}

type Label = readonly [key: string, value: string];

function hasLabel(labels: Facts, key: string, value: string): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value;
}

/** crictl reads `a=b,c=d` as two labels; of Docker it may be one, whose value has a comma. */
function readLabels(text: string): readonly (readonly Label[])[] {
  return [[readLabel(text)], text.split(/,(?=[^,=]+=)/).map(readLabel)];
}

function readLabel(text: string): Label {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`Option --label must be KEY=VALUE, is "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}
