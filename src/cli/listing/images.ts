import { parseImageReference, parseRepoDigest } from "../../containers/names/image-reference.ts";
import type { ImageFacts, RuntimeIdentity, RuntimeSource } from "../../runtimes/facts.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import { isImage } from "../node/image-names.ts";
import { runtimesOf } from "../node/runtimes.ts";
import { clean, CommandError, exitCode, type Io, UsageError } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { humanSize } from "./human.ts";
import { idText, print } from "./printing.ts";

/** `podstamp images`: the images of this node's runtimes. */
export async function images(argv: readonly string[], io: Io): Promise<number> {
  const args = readArgs(argv, shapes.images);
  const isMeant = await selection(args);
  const sources = await runtimesOf(args, io, "ask");
  const told = await Promise.all(sources.map((source) => ask(source, io.signal).catch(toError)));
  const problems = told.flatMap((one) => (one instanceof Error ? [one] : []));
  if (problems.length === told.length)
    throw new CommandError(problems.map(({ message }) => message).join("; "), { cause: problems[0] });
  for (const { message } of problems) io.err(`${clean(message)}\n`);
  const all = merge(told.flatMap((one) => (one instanceof Error ? [] : [one])));
  const shown = all.filter(isMeant).toSorted(byName);
  const columns = { args, hasDigest: args.flag("digests"), isWide: false };
  await print({ args, io }, shown, {
    id: ({ id }) => id,
    asJson,
    tables: [(items) => rows(items, columns)],
    wide: (items) => rows(items, { args, hasDigest: true, isWide: true }),
    uncut: columns.hasDigest ? [3, 4] : [2, 3],
  });
  return exitCode.ok;
}

/** An image with the runtimes that have it. */
type Image = ImageFacts & { readonly runtimes: readonly RuntimeIdentity[] };

type Told = { readonly runtime: RuntimeIdentity; readonly images: readonly ImageFacts[] };

async function ask(source: RuntimeSource, signal: AbortSignal): Promise<Told> {
  const runtime = await source.connect(signal);
  try {
    return { runtime: runtime.identity, images: await runtime.listImages(signal) };
  } finally {
    runtime.close();
  }
}

/** One of each ID: a cri-dockerd and its Docker have the same images. */
function merge(told: readonly Told[]): readonly Image[] {
  const byId = new Map<string, Image>();
  for (const { runtime, images: some } of told)
    for (const image of some) {
      const known = byId.get(image.id);
      byId.set(image.id, {
        ...image,
        repoTags: union(known?.repoTags, image.repoTags),
        repoDigests: union(known?.repoDigests, image.repoDigests),
        sizeBytes: Math.max(known?.sizeBytes ?? 0, image.sizeBytes),
        isPinned: image.isPinned || known?.isPinned === true,
        runtimes: [...(known?.runtimes ?? []), runtime],
      });
    }
  return [...byId.values()];
}

function union(some: readonly string[] | undefined, more: readonly string[]): readonly string[] {
  return [...new Set([...(some ?? []), ...more])];
}

async function selection(args: Args): Promise<(image: Image) => boolean> {
  const [name] = args.positionals;
  const filters = await Promise.all(args.texts("filter").map(readFilter));
  return (image) => (name === undefined || isImage(image, name, "any")) && filters.every((accepts) => accepts(image));
}

async function readFilter(text: string): Promise<(image: Image) => boolean> {
  const [, key = "", value = ""] = /^(dangling|reference)=(.*)$/s.exec(text) ?? [];
  if (key === "dangling" && /^(?:true|false)$/.test(value))
    return ({ repoTags }) => (repoTags.length === 0) === (value === "true");
  if (key !== "reference")
    throw new UsageError(`Option --filter must be dangling=true, dangling=false or reference=PATTERN, is "${text}"`);
  const { compilePattern } = await import("../../config/fields/pattern.ts");
  const compiled = compilePattern(value);
  if ("problem" in compiled)
    throw new UsageError(
      `Option --filter must have a regular expression of RE2's behind reference=, has "${value}": ${compiled.problem}`,
    );
  return (image) => namesOf(image).some((each) => compiled.pattern.matches(each));
}

function namesOf({ repoTags, repoDigests }: Image): readonly string[] {
  return [...repoTags, ...repoDigests].map((text) => parseImageReference(text)?.name ?? text);
}

type Columns = { readonly args: Args; readonly hasDigest: boolean; readonly isWide: boolean };

/** One row for each tag, or one for an image without any. */
function rows(items: readonly Image[], { args, hasDigest, isWide }: Columns): readonly (readonly string[])[] {
  const hasPinned = isWide || args.flag("pinned");
  const isWhole = args.flag("no-trunc");
  const header = [
    "IMAGE",
    "TAG",
    ...(hasDigest ? ["DIGEST"] : []),
    "IMAGE ID",
    "SIZE",
    ...(hasPinned ? ["PINNED"] : []),
    ...(isWide ? ["RUNTIME"] : []),
  ];
  const body = items.flatMap((image) =>
    tagsOf(image).map(([name, tag]) => [
      name,
      tag,
      ...(hasDigest ? [idText(digestOf(image, name), isWhole || isWide)] : []),
      idText(image.id, isWhole),
      humanSize(image.sizeBytes),
      ...(hasPinned ? [String(image.isPinned)] : []),
      ...(isWide ? [image.runtimes.map(({ name: who, version }) => `${who} ${version}`).join(", ")] : []),
    ]),
  );
  return [header, ...body];
}

const none = "<none>";

function tagsOf({ repoTags, repoDigests }: Image): readonly (readonly [name: string, tag: string])[] {
  if (repoTags.length === 0) return [[parseRepoDigest(repoDigests[0] ?? "")?.name ?? none, none]];
  return repoTags.map((text) => {
    const parsed = parseImageReference(text);
    return parsed?.name === undefined ? [text, none] : [parsed.name, parsed.tag ?? none];
  });
}

/** The digest of this name of an image; of another where it has none of its own. */
function digestOf({ repoDigests }: Image, name: string): string {
  const all = repoDigests.map((text) => parseRepoDigest(text));
  return (all.find((one) => one?.name === name) ?? all[0])?.digest ?? none;
}

function byName(a: Image, b: Image): number {
  const [one = "", other = ""] = [a, b].map((image) => image.repoTags[0] ?? image.repoDigests[0] ?? image.id);
  return one < other ? -1 : one > other ? 1 : 0;
}

function asJson({ id, repoTags, repoDigests, sizeBytes, isPinned, runtimes }: Image): unknown {
  return { id, repoTags, repoDigests, size: sizeBytes, pinned: isPinned, runtimes };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
