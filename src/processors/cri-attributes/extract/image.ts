import {
  normalizeRepository,
  parseImageReference,
  parseRepoDigest,
} from "../../../containers/names/image-reference.ts";
import type { ImageReference } from "../../../containers/names/image-reference.ts";
import { requestedImage } from "../../../containers/index/image-identity.ts";
import type { AttributeFacts } from "./facts.ts";

/** The repository as the pod's spec has it. */
export function imageNameOf(facts: AttributeFacts): string | undefined {
  return specImage(facts)?.name ?? facts.container?.image.name;
}

/** The tag that was asked for, `latest` where the spec names neither tag nor digest. */
export function tagsOf(facts: AttributeFacts): readonly string[] {
  const spec = specImage(facts);
  if (spec === undefined) return facts.container?.image.tags ?? [];
  return spec.tag === undefined ? (spec.digest === undefined ? ["latest"] : []) : [spec.tag];
}

/** The reference with nothing added that the spec does not say. */
export function writtenImage(facts: AttributeFacts): Pick<ImageReference, "tag" | "digest"> | undefined {
  const { container } = facts;
  const described = typeof container?.details === "object" ? container.details.image : undefined;
  const asked = specImage(facts) ?? (container && requestedImage(container.facts.image, described));
  if (asked !== undefined || container === undefined) return asked;
  // Nobody has to write latest, so that it may not be written.
  const [tag] = container.image.tags;
  return tag === undefined || tag === "latest" ? undefined : { tag, digest: undefined };
}

/** `nginx@sha256:…` as `docker.io/library/nginx@sha256:…`. */
export function canonicalDigest(text: string): string {
  const parsed = parseRepoDigest(text);
  return parsed === undefined ? text : `${normalizeRepository(parsed.name)}@${parsed.digest}`;
}

/** What a kubelet says goes before what a runtime makes of it. */
function specImage({ container, more }: AttributeFacts): ImageReference | undefined {
  const text = container === undefined ? undefined : more?.images?.get(container.facts.name);
  const parsed = text === undefined ? undefined : parseImageReference(text);
  return parsed?.name === undefined ? undefined : parsed;
}
