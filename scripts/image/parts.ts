import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundled } from "../build/licenses.ts";
import type { Part } from "./sbom.ts";

type Locked = { readonly version: string; readonly integrity?: string };

/** The packages that are in what was built into `dist`, with the sums of package-lock.json. */
export function bundledParts(root: string, dist: string): readonly Part[] {
  const bundled = JSON.parse(readFileSync(join(dist, "bundled.json"), "utf8")) as readonly Bundled[];
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const sums = new Map(
    Object.entries(packages).map(([path, { version, integrity }]) => {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      return [npmUrl(name, version), sha512Of(integrity)];
    }),
  );
  const parts = bundled.map(({ name, version, license }): Part => {
    const purl = npmUrl(name, version);
    return { name, version, license, purl, sha512: sums.get(purl) };
  });
  // A package that lies in two places is one part.
  return [...new Map(parts.map((part) => [part.purl, part])).values()];
}

/** podstamp itself. */
export function ownPart(root: string): Part {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  return { name, version, license, purl: npmUrl(name, version) };
}

function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function sha512Of(integrity: string | undefined): string | undefined {
  const base64 = /^sha512-(\S+)$/.exec(integrity ?? "")?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("hex");
}

/** Versions that Node tells, which are of no library. */
const notLibraries = new Set(["node", "modules", "napi"]);

/** Node, and what is linked into it. */
export function nodeParts(versions: Readonly<Record<string, string | undefined>>): {
  readonly node: Part;
  readonly ofNode: readonly Part[];
} {
  const part = (name: string, version: string): Part => ({ name, version, purl: `pkg:generic/${name}@${version}` });
  return {
    node: { ...part("node", versions["node"] ?? ""), license: "MIT" },
    ofNode: Object.entries(versions)
      .filter(([name]) => !notLibraries.has(name))
      .map(([name, version = ""]) => part(name, version)),
  };
}

/** The packages of a folder as Debian's dpkg (`status`) or distroless images (`status.d/`) have it. */
export function debianParts(folder: string): readonly Part[] {
  return globSync(["status", "status.d/*"], { cwd: folder, exclude: ["**/*.md5sums"] })
    .toSorted()
    .flatMap((file) => parseDebian(readFileSync(join(folder, file), "utf8")));
}

/** The packages that dpkg's paragraphs tell of. */
export function parseDebian(text: string): readonly Part[] {
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}: *(.+)$`, "m").exec(paragraph)?.[1]?.trim();
    const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
    if (name === undefined || version === undefined) return [];
    const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture ?? "all"}`;
    return [{ name, version, purl }];
  });
}
