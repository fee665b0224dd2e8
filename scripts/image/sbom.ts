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

/** What is inside the image, by who contains it. */
export type Contents = {
  readonly podstamp: Part;
  /** What podstamp's code is bundled of. */
  readonly libraries: readonly Part[];
  readonly node: Part;
  /** What Node is linked of. */
  readonly ofNode: readonly Part[];
  /** The packages of the distribution below. */
  readonly system: readonly Part[];
  /** ISO 8601, whole seconds. */
  readonly created: string;
};

const unknown = "NOASSERTION";

/** The bill of materials as an SPDX 2.3 document; the same contents give the same text. */
export function spdx({ podstamp, libraries, node, ofNode, system, created }: Contents): string {
  const root = { id: "SPDXRef-DOCUMENT" };
  const image: Part = { ...podstamp, name: "podstamp-image", purl: `pkg:oci/podstamp?tag=${podstamp.version}` };
  const packages = [image, podstamp, ...libraries, node, ...ofNode, ...system];
  const ids = new Map(packages.map((part) => [part, idOf(part)]));
  const relation = (from: { id: string } | Part, type: string, to: Part) => ({
    spdxElementId: "id" in from ? from.id : ids.get(from),
    relationshipType: type,
    relatedSpdxElement: ids.get(to),
  });
  const body = {
    packages: packages.map((part) => packageOf(part, ids.get(part) ?? "")),
    relationships: [
      relation(root, "DESCRIBES", image),
      ...[podstamp, node, ...system].map((part) => relation(image, "CONTAINS", part)),
      ...libraries.map((part) => relation(podstamp, "DEPENDS_ON", part)),
      ...ofNode.map((part) => relation(node, "CONTAINS", part)),
    ],
  };
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("hex");
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: root.id,
    name: `podstamp-image-${podstamp.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/podstamp-image-${podstamp.version}-${hash}`,
    creationInfo: { created, creators: [`Tool: podstamp-lay-out-${podstamp.version}`] },
    ...body,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

function packageOf({ name, version, purl, license, sha512 }: Part, id: string) {
  return {
    SPDXID: id,
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
