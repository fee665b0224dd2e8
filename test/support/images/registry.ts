import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import { type Blob, type Image, type Index, mediaTypes } from "./image.ts";
import { freePort } from "../net/ports.ts";
import { type Running, startProcess } from "../machine/processes.ts";

/** Debian's docker-registry on loopback, with a storage of its own. */
export type Registry = {
  /** "127.0.0.1:port": the first part of every image name. */
  readonly host: string;
  /** Pushes an image under a tag and returns the digest that the registry answered. */
  push(repository: string, tag: string, image: Image): Promise<string>;
  /** The same for an index with all its images; the digest is that of the index. */
  pushIndex(repository: string, tag: string, index: Index): Promise<string>;
  stop(): Promise<void>;
};

/** Starts a registry that keeps everything below `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const home = join(folder, "registry");
  const file = join(home, "config.yml");
  mkdirSync(home, { recursive: true });
  writeFileSync(file, config(join(home, "data"), host));
  const running = await startProcess({ name: "docker-registry", command: "docker-registry", args: ["serve", file] });
  await answering(running, host);
  return {
    host,
    async push(repository, tag, image) {
      await pushBlobs(host, repository, [image.layer, image.config]);
      return putManifest(host, `${repository}/manifests/${tag}`, {
        type: mediaTypes.manifest,
        manifest: image.manifest,
      });
    },
    async pushIndex(repository, tag, index) {
      for (const image of index.images) {
        await pushBlobs(host, repository, [image.layer, image.config]);
        await putManifest(host, `${repository}/manifests/${image.manifest.digest}`, {
          type: mediaTypes.manifest,
          manifest: image.manifest,
        });
      }
      return putManifest(host, `${repository}/manifests/${tag}`, { type: mediaTypes.index, manifest: index.manifest });
    },
    async stop() {
      await running.stop(2000);
    },
  };
}

function config(data: string, address: string): string {
  return [
    "version: 0.1",
    "log: {level: error, accesslog: {disabled: true}}",
    `storage: {filesystem: {rootdirectory: ${data}}, cache: {blobdescriptor: inmemory}, maintenance: {uploadpurging: {enabled: false}}}`,
    `http: {addr: "${address}"}`,
    "",
  ].join("\n");
}

async function answering(running: Running, host: string): Promise<void> {
  try {
    await eventually(async () => (await fetch(`http://${host}/v2/`)).ok, {
      what: `an answer of the registry on ${host}`,
    });
  } catch (error) {
    await running.stop(0);
    throw new Error(`Cannot use docker-registry: it wrote\n${running.output().slice(-2000)}`, { cause: error });
  }
}

async function pushBlobs(host: string, repository: string, blobs: readonly Blob[]): Promise<void> {
  for (const blob of blobs) {
    const known = await fetch(`http://${host}/v2/${repository}/blobs/${blob.digest}`, { method: "HEAD" });
    if (known.ok) continue;
    const begun = await ask(`http://${host}/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const target = new URL(begun.headers.get("location") ?? "", `http://${host}`);
    target.searchParams.set("digest", blob.digest);
    await ask(target.href, {
      method: "PUT",
      headers: { "content-type": "application/octet-stream" },
      body: new Uint8Array(blob.bytes),
    });
  }
}

async function putManifest(host: string, path: string, what: { type: string; manifest: Blob }): Promise<string> {
  const answer = await ask(`http://${host}/v2/${path}`, {
    method: "PUT",
    headers: { "content-type": what.type },
    body: new Uint8Array(what.manifest.bytes),
  });
  const digest = answer.headers.get("docker-content-digest");
  if (digest === null)
    throw new Error(`Cannot push ${path}: the registry must answer with Docker-Content-Digest, and did not`);
  return digest;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init);
  if (!answer.ok)
    throw new Error(`Cannot push to ${url}: the registry answered ${answer.status} ${await answer.text()}`);
  return answer;
}
