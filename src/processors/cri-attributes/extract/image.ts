import {
  type ImageReference,
  normalizeRepository,
  parseImageReference,
  parseRepoDigest,
} from "../../../containers/names/image-reference.ts";
import type { Container } from "../../../containers/index/entry.ts";
import { identifyImage, requestedImage } from "../../../containers/index/image-identity.ts";

/**
 * The container with its image as the pod's spec has it (`text`), where somebody knows the spec: then it is known, too, which of
 * several repositories the image is of, and by which digests, which CRI-O does not tell.
 */
export function withSpecImage(container: Container, text: string | undefined): Container {
  const asked = text === undefined ? undefined : parseImageReference(text);
  if (text === undefined || asked?.name === undefined) return container;
  const listed = { ...container.facts.image, specified: text };
  const { image } = container;
  const isSame = image.name === asked.name && !image.isAmbiguous;
  return {
    ...container,
    facts: { ...container.facts, image: listed },
    image: isSame
      ? { ...image, tags: tagsOf(asked) }
      : { ...identifyImage(listed, describedOf(container)), id: image.id },
  };
}

/** `latest` where the spec names neither tag nor digest. */
function tagsOf({ tag, digest }: ImageReference): readonly string[] {
  if (tag !== undefined) return [tag];
  return digest === undefined ? ["latest"] : [];
}

/** The reference with nothing added that the spec does not say. */
export function writtenImage(container: Container | undefined): Pick<ImageReference, "tag" | "digest"> | undefined {
  const asked = container && requestedImage(container.facts.image, describedOf(container));
  if (asked !== undefined || container === undefined) return asked;
  // Nobody has to write latest, so that it may not be written.
  const [tag] = container.image.tags;
  return tag === undefined || tag === "latest" ? undefined : { tag, digest: undefined };
}

function describedOf({ details }: Container) {
  return typeof details === "object" ? details.image : undefined;
}

/** `nginx@sha256:…` as `docker.io/library/nginx@sha256:…`. */
export function canonicalDigest(text: string): string {
  const parsed = parseRepoDigest(text);
  return parsed === undefined ? text : `${normalizeRepository(parsed.name)}@${parsed.digest}`;
}
