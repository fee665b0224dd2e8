import { parseCgroup } from "../../containers/names/cgroup-path.ts";
import { maxReferenceLength, parseImageReference } from "../../containers/names/image-reference.ts";
import { guessWorkload, type NameOf } from "../../containers/names/workload-names.ts";

/** What a text says, by key: null where it says nothing. The keys are always the same ones. */
export type Explanation = Readonly<Record<string, string | true | null>>;

/** What can be explained. */
export const explanations = { cgroup, image, workload } as const;

export type Kind = keyof typeof explanations;

/** As much of a text is read for a cgroup, in characters. */
const maxCgroup = 64 * 1024;

/** A cgroup's path, a line of /proc/PID/cgroup, or the whole file. */
function cgroup(text: string): Explanation {
  // Of a text that no kernel tells the end counts, where the innermost container stands, and then the beginning.
  const inside = text.length > maxCgroup ? parseCgroup(text.slice(-maxCgroup)) : undefined;
  const { containerId, podUid, runtime } = inside?.containerId === undefined ? parseCgroup(text) : inside;
  return { container_id: containerId ?? null, pod_uid: podUid ?? null, runtime: runtime ?? null };
}

/** An image reference. */
function image(text: string): Explanation {
  const parsed = parseImageReference(text);
  const error = parsed === undefined ? `must be NAME[:TAG][@DIGEST]${lackOf(text)}` : null;
  return { name: parsed?.name ?? null, tag: parsed?.tag ?? null, digest: parsed?.digest ?? null, error };
}

/** What keeps a text from being a reference, where that is one thing. */
function lackOf(text: string): string {
  const isGood = (part: string) => parseImageReference(part) !== undefined;
  if (text === "") return ", is empty";
  if (text.length > maxReferenceLength) return `: it must have at most ${maxReferenceLength} characters`;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme !== undefined) return `, has ${scheme} in front`;
  const [reference = "", ...digest] = text.split("@");
  if (digest.length > 0 && !isGood(`x@${digest.join("@")}`))
    return ": the digest must be sha256:, sha384:, sha512: or blake3: and hexadecimal digits";
  const tag = /:([^:/\]]*)$/.exec(reference)?.[1];
  if (tag !== undefined && !isGood(`x:${tag}`))
    return ": the tag must have 1 to 128 letters, digits, _, . and -, and begin with neither . nor -";
  return isGood(reference.toLowerCase()) ? ": the name must be in lower case" : "";
}

const namesOf: Readonly<Record<string, NameOf>> = {
  pod: "pod",
  pods: "pod",
  po: "pod",
  replicaset: "replicaset",
  replicasets: "replicaset",
  rs: "replicaset",
  job: "job",
  jobs: "job",
};

/** A name, alone or behind what it is of: `pod/NAME`, `replicaset/NAME`, `job/NAME`, or as `kubectl get -o name` has it, `job.batch/NAME`. */
function workload(text: string): Explanation {
  const [, word, name] = /^([a-z]+)(?:\.(?:apps|batch))?\/(.*)$/s.exec(text) ?? [];
  const of = word !== undefined && Object.hasOwn(namesOf, word) ? namesOf[word] : undefined;
  const guess = of === undefined || name === undefined ? guessWorkload(text) : guessWorkload(name, of);
  return { kind: guess?.kind ?? null, name: guess?.name ?? null, heuristic: guess === undefined ? null : true };
}
