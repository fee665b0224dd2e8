/** The parts of an image reference as written; nothing is added that is not there. */
export type ImageReference = {
  /** Repository with its registry if that is written; undefined for a bare image ID. */
  readonly name: string | undefined;
  readonly tag: string | undefined;
  /** algorithm:hex. */
  readonly digest: string | undefined;
};

const pathComponent = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const domainComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
// Runtimes have told digests cut short: as a label they are still better than none.
const digest = "(?:sha256|sha384|sha512|blake3):[a-fA-F0-9]{6,128}";
const reference = new RegExp(
  `^((?:${domain}/)?${pathComponent}(?:/${pathComponent})*)(?::([\\w][\\w.-]{0,127}))?(?:@(${digest}))?$`,
);
const imageId = /^(?:sha256:)?([0-9a-f]{64})$/;

/** Of a repository, its registry not counted, as distribution/reference has it since 0.6. */
const maxPathLength = 255;
/** In characters; nothing longer is looked at. */
export const maxReferenceLength = 1024;

/** Parses by the grammar of distribution/reference; undefined when the text is no reference. 64 hex digits are an ID, never a name. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > maxReferenceLength) return undefined;
  const id = imageId.exec(text)?.[1];
  if (id !== undefined) return { name: undefined, tag: undefined, digest: `sha256:${id}` };
  const match = reference.exec(text);
  const name = match?.[1];
  if (match === null || name === undefined || pathOf(name).length > maxPathLength) return undefined;
  return { name, tag: match[2], digest: match[3] };
}

/** Parses `repository@digest` as in an image's repo digests; undefined when one of the two is missing. */
export function parseRepoDigest(text: string): { readonly name: string; readonly digest: string } | undefined {
  const parsed = parseImageReference(text);
  return parsed?.name === undefined || parsed.digest === undefined
    ? undefined
    : { name: parsed.name, digest: parsed.digest };
}

/** A repository without its registry. */
function pathOf(name: string): string {
  return hasRegistry(name) ? name.slice(name.indexOf("/") + 1) : name;
}

/** Whether what stands before the first slash is a registry: a bare word may be the beginning of a path. */
function hasRegistry(name: string): boolean {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  return /[.:A-Z[]/.test(first) || first === "localhost";
}

/** The repository under its full name, so that `nginx` and `docker.io/library/nginx` compare equal. */
export function normalizeRepository(name: string): string {
  if (!hasRegistry(name)) return `docker.io/${name.includes("/") ? "" : "library/"}${name}`;
  if (!/^(?:index\.)?docker\.io\//.test(name)) return name;
  const rest = pathOf(name);
  return `docker.io/${rest.includes("/") ? "" : "library/"}${rest}`;
}
