import type { Container } from "../../containers/index/entry.ts";
import { identifyImage } from "../../containers/index/image-identity.ts";
import { normalizeRepository, parseImageReference, parseRepoDigest } from "../../containers/names/image-reference.ts";
import type { ImageFacts, ListedImage } from "../../runtimes/facts.ts";

/** An image's ID and all its names. */
export type ImageNames = Pick<ImageFacts, "id" | "repoTags" | "repoDigests">;

/**
 * Gives containers the names that the image itself has, where their runtime's list does not name it. Many containers are of few images:
 * each image is looked for once.
 */
export function imageNamer(images: readonly ImageFacts[]): (container: Container) => Container {
  const find = imageFinder(images);
  const known = new Map<string, Named | undefined>();
  return (container) => {
    if (images.length === 0 || hasDetails(container)) return container;
    const listed = container.facts.image;
    const key = [listed.specified, listed.requested, listed.ref, listed.id].join("\n");
    if (!known.has(key)) known.set(key, nameOf(listed, find(listed)));
    const found = known.get(key);
    if (found === undefined) return container;
    const named = { ...container, image: found.image };
    names.set(named, found.names);
    return named;
  };
}

type Named = { readonly names: ImageNames; readonly image: Container["image"] };

const names = new WeakMap<Container, ImageNames>();

function nameOf(listed: ListedImage, image: ImageNames | undefined): Named | undefined {
  if (image === undefined) return undefined;
  const described = {
    specified: "",
    // One that was pulled by its digest has no tag.
    shown: image.repoTags[0] ?? image.repoDigests[0] ?? "",
    ref: listed.ref,
    id: image.id,
    repoTags: image.repoTags,
    repoDigests: image.repoDigests,
  };
  return { names: image, image: identifyImage(listed, described) };
}

/** Finds the image that a list of containers speaks of. */
function imageFinder(images: readonly ImageFacts[]): (listed: ListedImage) => ImageNames | undefined {
  const byId = new Map(images.flatMap((image) => hexOf(image.id).map((hex) => [hex, image] as const)));
  const byName = new Map(
    images.flatMap((image) => [...image.repoTags, ...image.repoDigests].map((name) => [name, image] as const)),
  );
  return ({ id, ref, requested, specified }) => {
    const texts = [id, ref, requested, specified].filter((text) => text !== "");
    const found = texts.flatMap((text) => hexOf(text).flatMap((hex) => byId.get(hex) ?? []));
    return found[0] ?? texts.flatMap((text) => byName.get(text) ?? [])[0];
  };
}

/** All names of a container's image, as far as they were asked for. */
function namesOf(container: Container): ImageNames {
  const { details, image } = container;
  if (details !== undefined && details !== "unavailable") return details.image;
  return names.get(container) ?? { id: image.id ?? "", repoTags: [], repoDigests: image.repoDigests };
}

/** Whether a container is of the image that is meant: by a name of it, whichever the container was made with, or by its ID or a beginning of that. */
export function isOfImage(container: Container, text: string): boolean {
  return isImage({ ...namesOf(container), id: container.image.id ?? namesOf(container).id }, text);
}

/**
 * Whether a text names an image: a tag or digest of it, or its ID or a beginning of that. A repository alone is its tag latest, or
 * any of its images.
 */
export function isImage(
  { id, repoTags, repoDigests }: ImageNames,
  text: string,
  repositoryIs: "latest" | "any" = "latest",
): boolean {
  const beginning = /^(?:sha256:)?([0-9a-f]+)$/.exec(text)?.[1];
  if (beginning !== undefined && hexOf(id)[0]?.startsWith(beginning) === true) return true;
  const meant = parseImageReference(text);
  if (meant?.name === undefined) return false;
  const repository = normalizeRepository(meant.name);
  const isSame = (name: string) => normalizeRepository(name) === repository;
  if (meant.digest !== undefined)
    return repoDigests.some((each) => {
      const known = parseRepoDigest(each);
      return known !== undefined && known.digest === meant.digest && isSame(known.name);
    });
  if (meant.tag === undefined && repositoryIs === "any")
    return [...repoTags, ...repoDigests].some((each) => isSame(parseImageReference(each)?.name ?? ""));
  return repoTags.some((each) => {
    const known = parseImageReference(each);
    return known?.name !== undefined && known.tag === (meant.tag ?? "latest") && isSame(known.name);
  });
}

function hasDetails({ details }: Container): boolean {
  return details !== undefined && details !== "unavailable";
}

/** The digits of an image's ID; none of what is no ID. */
function hexOf(text: string): readonly string[] {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1];
  return hex === undefined ? [] : [hex];
}
