import { createHash } from "node:crypto";

/** A component of the image: what it is, of which version, and how tools name it (a package URL). */
export type Part = {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** An SPDX expression; where it is unknown, nothing. */
  readonly license?: string | undefined;
  readonly sha512?: string | undefined;
};

/** Which part has which: inside of it, or bundled into its code. */
export type Relation = readonly [whole: Part, kind: "CONTAINS" | "DEPENDS_ON", parts: readonly Part[]];

export type Bill = {
  /** What the bill is of. */
  readonly whole: Part;
  /** Everything else, each part once. */
  readonly relations: readonly Relation[];
  /** Seconds since the epoch. */
  readonly created: number;
};

const unknown = "NOASSERTION";
const root = "SPDXRef-DOCUMENT";

/** The bill of materials as an SPDX 2.3 document; the same parts give the same text. */
export function spdx({ whole, relations, created }: Bill): string {
  const parts = [whole, ...relations.flatMap(([, , inside]) => inside)];
  const relation = (from: string, type: string, to: Part) => ({
    spdxElementId: from,
    relationshipType: type,
    relatedSpdxElement: idOf(to),
  });
  const body = {
    packages: parts.map(packageOf),
    relationships: [
      relation(root, "DESCRIBES", whole),
      ...relations.flatMap(([from, kind, inside]) => inside.map((part) => relation(idOf(from), kind, part))),
    ],
  };
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  const name = `${whole.name}-${whole.version}`;
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: root,
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${hash}`,
    creationInfo: {
      created: new Date(created * 1000).toISOString().replace(/\.\d+/, ""),
      creators: ["Tool: podstamp-image"],
    },
    ...body,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

function packageOf(part: Part) {
  const { name, version, purl, license, sha512 } = part;
  return {
    SPDXID: idOf(part),
    name,
    versionInfo: version,
    downloadLocation: unknown,
    filesAnalyzed: false,
    licenseConcluded: unknown,
    licenseDeclared: license ?? unknown,
    copyrightText: unknown,
    ...(sha512 === undefined ? {} : { checksums: [{ algorithm: "SHA512", checksumValue: sha512 }] }),
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  };
}

/** Letters, digits, dots and dashes are all that an ID may have. */
function idOf({ purl }: Part): string {
  return `SPDXRef-${purl
    .replace(/^pkg:/, "")
    .replaceAll(/[^A-Za-z0-9.]+/g, "-")
    .replace(/-$/, "")}`;
}
