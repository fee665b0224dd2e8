import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Container,
  ContainerStatusResponse,
  Image,
  PodSandbox,
  PodSandboxStatusResponse,
  VersionResponse,
} from "../../../src/proto/cri/v1/api.ts";
import type { CriStore } from "./store.ts";

/** What a real runtime answered, as JSON: times are texts, and `info.info` is an object instead of the JSON text of the wire. */
export type Recording = {
  readonly version: VersionResponse;
  readonly sandboxes: readonly { readonly list: PodSandbox; readonly status: PodSandboxStatusResponse }[];
  readonly containers: readonly { readonly list: Container; readonly status: ContainerStatusResponse }[];
  readonly images: readonly Image[];
};

/** Reads a recording from test/fixtures/. */
export function readRecording<T extends Recording = Recording>(name: string): T {
  const file = fileURLToPath(new URL(`../../fixtures/${name}.json`, import.meta.url));
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

/** The answers of a recording, as a server of ours gives them again. */
export function replayOf(recording: Recording): { readonly store: CriStore; readonly version: VersionResponse } {
  const sandboxes = recording.sandboxes.map(
    ({ list, status }) =>
      [
        list.id,
        { list: PodSandbox.fromPartial(list), status: PodSandboxStatusResponse.fromPartial({ ...status, info: {} }) },
      ] as const,
  );
  const containers = recording.containers.map(
    ({ list, status }) => [list.id, { list: Container.fromPartial(list), status: containerStatus(status) }] as const,
  );
  const images = recording.images.map((image) => Image.fromPartial(image));
  return {
    store: { sandboxes: new Map(sandboxes), containers: new Map(containers), images },
    version: VersionResponse.fromPartial(recording.version),
  };
}

function containerStatus(recorded: ContainerStatusResponse): ContainerStatusResponse {
  const { info } = recorded.info;
  return ContainerStatusResponse.fromPartial({
    ...recorded,
    info: info === undefined ? {} : { info: JSON.stringify(info) },
  });
}
