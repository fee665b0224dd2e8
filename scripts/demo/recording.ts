import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import {
  ContainerStatusRequest,
  type ContainerStatusResponse,
  ImageStatusRequest,
  ListContainersRequest,
  ListPodSandboxRequest,
  PodSandboxStatusRequest,
  VersionRequest,
} from "../../src/proto/cri/v1/api.ts";
import { startCriServer } from "../../test/support/cri/server.ts";
import { readRecording, type Recording, replayOf } from "../../test/support/cri/recording.ts";
import { unary } from "../../test/support/grpc/unary.ts";
import type { Call, Stage } from "./real-pods.ts";
import { recordRing, writeRecordedLoader } from "./recorded-ring.ts";
import type { Subject } from "./subject.ts";
import { ImageServiceClient, RuntimeServiceClient } from "../../test/support/grpc/clients.ts";

/** What a real containerd answered about the demo's pods, and what must be written because of it. */
type DemoRecording = Recording & {
  readonly subjects: readonly Subject[];
  readonly call: Call;
  /** The layout of the records in the ring that was recorded with it. */
  readonly ringLayout: number;
};

const file = fileURLToPath(new URL("../../test/fixtures/demo/recording.json", import.meta.url));

/** Serves the recording on a unix socket as the runtime that it was taken from would. */
export async function replay(): Promise<Stage & { stop(): Promise<void> }> {
  const recording = readRecording<DemoRecording>("demo/recording");
  const server = await startCriServer(replayOf(recording));
  const { subjects, call, ringLayout } = recording;
  const recordedLoader = writeRecordedLoader(ringLayout);
  return { endpoint: server.endpoint, subjects, call, recordedLoader, stop: () => server.close() };
}

/**
 * Asks a real runtime everything that podstamp asks and keeps it in the repository; paths below `folder` are made neutral. Keeps beside
 * it what the kernel tells of one call between the pods.
 */
export async function record(stage: Stage, folder: string): Promise<string> {
  const runtime = new RuntimeServiceClient(stage.endpoint, credentials.createInsecure());
  const images = new ImageServiceClient(stage.endpoint, credentials.createInsecure());
  const { items } = await unary(runtime.listPodSandbox.bind(runtime), ListPodSandboxRequest.fromPartial({}));
  const { containers } = await unary(runtime.listContainers.bind(runtime), ListContainersRequest.fromPartial({}));
  const statusOf = (containerId: string) =>
    unary(runtime.containerStatus.bind(runtime), ContainerStatusRequest.fromPartial({ containerId, verbose: true }));
  const sandboxStatusOf = (podSandboxId: string) =>
    unary(runtime.podSandboxStatus.bind(runtime), PodSandboxStatusRequest.fromPartial({ podSandboxId }));
  const imageOf = async (image: string) =>
    (await unary(images.imageStatus.bind(images), ImageStatusRequest.fromPartial({ image: { image } }))).image;
  const recording = {
    subjects: stage.subjects,
    call: stage.call,
    ringLayout: await recordRing(stage.subjects.map(({ containerId }) => containerId)),
    version: await unary(runtime.version.bind(runtime), VersionRequest.fromPartial({})),
    sandboxes: await Promise.all(items.map(async (list) => ({ list, status: await sandboxStatusOf(list.id) }))),
    containers: await Promise.all(
      containers.map(async (list) => ({ list, status: readable(await statusOf(list.id)) })),
    ),
    images: await Promise.all(containers.map((container) => imageOf(container.imageRef))),
  };
  runtime.close();
  images.close();
  const text = JSON.stringify(recording, withoutNoise, 2).replaceAll(folder, "/run/podstamp-demo");
  writeFileSync(file, `${text}\n`);
  return file;
}

/** The verbose info as an object, of what is in it only what tells who and where a container is. */
function readable(answer: ContainerStatusResponse): object {
  const info = JSON.parse(answer.info["info"] ?? "{}") as Record<string, unknown> & {
    runtimeSpec?: { annotations?: object; linux?: { cgroupsPath?: string } };
  };
  const { sandboxID, pid, snapshotter, runtimeType, config, runtimeSpec } = info;
  const spec = { annotations: runtimeSpec?.annotations, linux: { cgroupsPath: runtimeSpec?.linux?.cgroupsPath } };
  return { ...answer, info: { info: { sandboxID, pid, snapshotter, runtimeType, config, runtimeSpec: spec } } };
}

/** JSON has no bigint, and fields that podstamp does not read are not kept. */
function withoutNoise(key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return key === "_unknownFields" ? undefined : value;
}
