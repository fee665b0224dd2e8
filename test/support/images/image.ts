import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tar } from "./tar.ts";

/** Bytes with the digest by which registries and runtimes know them. */
export type Blob = { readonly digest: string; readonly bytes: Buffer };

/** One image for one platform, in OCI's format: everything that is pushed. */
export type Image = {
  readonly config: Blob;
  readonly layer: Blob;
  readonly manifest: Blob;
  readonly architecture: string;
};

/** An index over images of several platforms. */
export type Index = { readonly images: readonly Image[]; readonly manifest: Blob };

export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** The commands of busybox that our containers run. */
const applets = ["sh", "sleep", "true", "cat", "ls"];

/** The one layer of all our images: a static busybox and links to it. */
export function busyboxLayer(busybox: string): Blob {
  return blob(
    tar([
      { kind: "folder", path: "bin/" },
      { kind: "file", path: "bin/busybox", content: readFileSync(busybox), mode: 0o755 },
      ...applets.map((name) => ({ kind: "link", path: `bin/${name}`, target: "busybox" }) as const),
    ]),
  );
}

export type ImageOptions = {
  readonly layer: Blob;
  readonly architecture: string;
  /** Makes the image differ from others of the same layer. */
  readonly name: string;
  readonly command: readonly string[];
};

/** Makes an image of one layer. */
export function buildImage({ layer, architecture, name, command }: ImageOptions): Image {
  const config = json({
    created: "2026-11-01T00:00:00Z",
    architecture,
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: command, Labels: { "org.opencontainers.image.title": name } },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: "2026-11-01T00:00:00Z", created_by: "podstamp's tests" }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: config.digest, size: config.bytes.length },
    layers: [{ mediaType: mediaTypes.layer, digest: layer.digest, size: layer.bytes.length }],
  });
  return { config, layer, manifest, architecture };
}

/** An image as `docker save` writes it, with one name. */
export function dockerArchive(image: Image, name: string): Buffer {
  const files = { config: "config.json", layer: "layer.tar" };
  const manifest = [{ Config: files.config, RepoTags: [name], Layers: [files.layer] }];
  return tar([
    { kind: "file", path: files.config, content: image.config.bytes, mode: 0o644 },
    { kind: "file", path: files.layer, content: image.layer.bytes, mode: 0o644 },
    { kind: "file", path: "manifest.json", content: Buffer.from(JSON.stringify(manifest)), mode: 0o644 },
  ]);
}

/** Makes an index over images, as a multi-platform build does. */
export function buildIndex(images: readonly Image[]): Index {
  const manifest = json({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map((image) => ({
      mediaType: mediaTypes.manifest,
      digest: image.manifest.digest,
      size: image.manifest.bytes.length,
      platform: { architecture: image.architecture, os: "linux" },
    })),
  });
  return { images, manifest };
}

/** This machine's architecture as images name it, and another one. */
export function architectures(): { readonly own: string; readonly other: string } {
  const own = process.arch === "x64" ? "amd64" : process.arch;
  return { own, other: own === "amd64" ? "arm64" : "amd64" };
}

function json(value: unknown): Blob {
  return blob(Buffer.from(JSON.stringify(value)));
}

function blob(bytes: Buffer): Blob {
  return { digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes };
}
