import type { DescribedImage, ListedImage } from "../../runtimes/facts.ts";
import {
  type ImageReference,
  normalizeRepository,
  parseImageReference,
  parseRepoDigest,
} from "../names/image-reference.ts";

/** The image of a container as the pod asked for it. What the runtime's facts do not decide is left out. */
export type ImageIdentity = {
  /** Repository as written in the pod's spec, without tag and digest. */
  readonly name: string | undefined;
  readonly tags: readonly string[];
  /** repository@digest, of the container's own repository only. */
  readonly repoDigests: readonly string[];
  /** sha256:… of the image's configuration. */
  readonly id: string | undefined;
  /** The digest by which the image is known: of the index for a multi-arch image. */
  readonly manifestDigest: string | undefined;
  /** Several names have the same bytes and the runtime does not tell which one was asked for. */
  readonly isAmbiguous: boolean;
};

/**
 * Decides name, tag and digests from what the list call and, once asked, the status calls say.
 * The list's user_specified_image is the pod spec's text; status.image.image is on containerd the first tag of the same
 * bytes, whoever asked for it, so it counts only when all names of the image are of one repository.
 */
export function identifyImage(listed: ListedImage, told: DescribedImage | undefined): ImageIdentity {
  const described = told === undefined ? undefined : withWholeNames(told, listed);
  const id = [described?.id ?? "", listed.id, described?.ref ?? "", listed.ref].flatMap(
    (text) => imageId(text) ?? [],
  )[0];
  const asked = requestedImage(listed, described);
  if (asked !== undefined) return { ...named(withTag(asked), listed, described), id, isAmbiguous: false };
  if (described === undefined) return { ...unnamed, id };
  const repositories = new Set([...described.repoTags, ...described.repoDigests].map(repositoryOf));
  // containerd 1.x shows the ID of an image that was pulled by digest and has no tag: then its digest names it.
  const shown = [described.shown, described.ref].map(parseName).find((reference) => reference?.name !== undefined);
  // An image whose tag went to another one has no name any more in CRI-O's record of it: the container keeps those of its making.
  if (repositories.size === 0 && described.id !== "" && isOfOne(described.shown, described.ref))
    repositories.add(repositoryOf(described.shown));
  // Without the image's own record nobody knows how many names it has.
  if (shown?.name === undefined || repositories.size !== 1 || !repositories.has(normalizeRepository(shown.name))) {
    return { ...unnamed, id, isAmbiguous: repositories.size > 1 };
  }
  // One repository, but any of its tags may have been the one: it is known only when it is the only one.
  const tags = described.repoTags.length > 1 ? undefined : shown.tag;
  return { ...named({ ...shown, tag: tags }, listed, described), id, isAmbiguous: described.repoTags.length > 1 };
}

/**
 * CRI-O cuts the name of an image whose tag went to another one at its first colon, which may be that of the registry's port: 127.0.0.1
 * for 127.0.0.1:5000/shop/web. The container's own reference has it whole.
 */
function withWholeNames(described: DescribedImage, listed: ListedImage): DescribedImage {
  const cut = new Map<string, string>();
  for (const text of [described.ref, listed.ref]) {
    const { name, digest } = parseRepoDigest(text) ?? { name: "", digest: "" };
    const colon = name.indexOf(":");
    if (colon > 0) cut.set(`${name.slice(0, colon)}@${digest}`, text);
  }
  const whole = (text: string) => cut.get(text) ?? text;
  return { ...described, shown: whole(described.shown), repoDigests: described.repoDigests.map(whole) };
}

const unnamed = { name: undefined, tags: [], repoDigests: [], manifestDigest: undefined, isAmbiguous: false };

/** A reference by name. By the grammar `sha256:0123abc` may be a tag of a repository called sha256; of a runtime it is an image ID. */
function parseName(text: string): ImageReference | undefined {
  return /^sha\d+:/.test(text) ? undefined : parseImageReference(text);
}

/** The reference that was asked for, nothing added, where the runtime passes it on; an image ID is none. */
export function requestedImage(listed: ListedImage, described: DescribedImage | undefined): ImageReference | undefined {
  for (const text of [listed.specified, described?.specified ?? "", listed.requested]) {
    const parsed = parseName(text);
    if (parsed?.name !== undefined) return parsed;
  }
  return undefined;
}

/** What is asked for without tag and digest is the tag `latest`. */
function withTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

type Named = Pick<ImageIdentity, "name" | "tags" | "repoDigests" | "manifestDigest">;

function named(reference: ImageReference, listed: ListedImage, described: DescribedImage | undefined): Named {
  const { name = "", tag, digest } = reference;
  const repository = normalizeRepository(name);
  const own = (text: string) => {
    const parsed = parseRepoDigest(text);
    return parsed !== undefined && normalizeRepository(parsed.name) === repository ? parsed.digest : undefined;
  };
  const known = [described?.ref ?? "", listed.ref, ...(described?.repoDigests ?? [])].filter(
    (text) => own(text) !== undefined,
  );
  const repoDigests = [...new Set(known)];
  const digests = [...new Set(known.map(own))];
  const byReference = own(described?.ref ?? "") ?? own(listed.ref);
  return {
    name,
    tags: tag === undefined ? [] : [tag],
    repoDigests: repoDigests.length === 0 && digest !== undefined ? [`${name}@${digest}`] : repoDigests,
    manifestDigest: digest ?? byReference ?? (digests.length === 1 ? digests[0] : undefined),
  };
}

function isOfOne(shown: string, reference: string): boolean {
  return parseRepoDigest(reference) !== undefined && repositoryOf(reference) === repositoryOf(shown);
}

function repositoryOf(text: string): string {
  return normalizeRepository(parseImageReference(text)?.name ?? text);
}

/** CRI-O tells an image's ID without its algorithm; some fields hold a reference where others hold the ID. */
function imageId(text: string): string | undefined {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}
