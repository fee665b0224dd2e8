import { arch } from "node:os";
import { ContentService } from "../../proto/containerd/services/v1/content.ts";
import type { Caller } from "../grpc/calls.ts";
import { type Channel, clientOn } from "../grpc/channel.ts";
import { createImageRecords } from "../image-records.ts";
import { at, listAt, textAt } from "../json.ts";

/** What is in the content that an image's name leads to. */
export type ImageContent = {
  /** The digest of the image's configuration, which others call its ID; of an index, of its image for the architecture. */
  imageId(where: ContentPlace, signal: AbortSignal): Promise<string | undefined>;
};

export type ContentPlace = {
  readonly namespace: string;
  /** Of a manifest or an index. */
  readonly digest: string;
  /** "arm64"; the machine's own where it is undefined. */
  readonly architecture: string | undefined;
};

/** A manifest or index larger than this is not read: registries take none. */
const maxBytes = 4 * 1024 * 1024;

/** As images name this machine's architecture. */
function ownArchitecture(): string {
  return arch() === "x64" ? "amd64" : arch();
}

export function createImageContent(channel: Channel, caller: Caller): ImageContent {
  const client = clientOn(ContentService, channel);
  const known = createImageRecords<{ readonly id: string }>();

  const read = async (namespace: string, digest: string, signal: AbortSignal): Promise<unknown> => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    await caller.gather(
      "containerd Content.Read",
      (options: Parameters<typeof client.read>[1]) => {
        options.metadata.set("containerd-namespace", namespace);
        return client.read({ digest, offset: 0n, size: 0n }, options);
      },
      {
        signal,
        onMessage({ data }) {
          length += data.length;
          if (length > maxBytes) throw new Error(`Cannot read ${digest}: must be at most ${maxBytes} bytes`);
          pieces.push(data);
        },
      },
    );
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  };

  return {
    async imageId({ namespace, digest, architecture = ownArchitecture() }, signal) {
      const found = await known.find(`${namespace} ${digest} ${architecture}`, async () => {
        const content = await read(namespace, digest, signal);
        const manifest = manifestFor(content, architecture);
        const id = textAt(
          manifest === undefined ? content : await read(namespace, manifest, signal),
          "config",
          "digest",
        );
        return id === "" ? undefined : { id };
      });
      return found?.id;
    },
  };
}

/** Of an index the digest of the manifest for the architecture; undefined of what is no index. */
function manifestFor(content: unknown, architecture: string): string | undefined {
  const all = listAt(content, "manifests");
  const fits = all.find(
    (each) => textAt(each, "platform", "os") === "linux" && textAt(each, "platform", "architecture") === architecture,
  );
  if (at(content, "manifests") === undefined) return undefined;
  if (fits === undefined) throw new Error(`Cannot tell the image's ID: must have one for ${architecture}`);
  return textAt(fits, "digest");
}
