import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import { EventsService } from "../../../src/proto/containerd/services/events/v1/events.ts";
import {
  type ContainerFilter,
  ImageServiceService,
  type PodSandboxFilter,
  RuntimeServiceService,
  type VersionResponse,
} from "../../../src/proto/cri/v1/api.ts";
import type { Events, EventStream } from "./events.ts";
import { answering, type CriMethod, type Faults } from "./faults.ts";
import { type CriStore, findById, findImage, listContainers, listSandboxes } from "./store.ts";

/** What a server answers from. */
export type Served = {
  readonly store: CriStore;
  readonly faults: Faults;
  readonly events: Events;
  readonly version: VersionResponse;
};

type ById = { readonly podSandboxId: string } & { readonly containerId: string; readonly verbose: boolean };

/** Serves CRI v1 and containerd's events at an address, as containerd does on its one socket. */
export async function serveCri(address: string, { store, faults, events, version }: Served): Promise<Server> {
  const method = <Q, R>(name: CriMethod, answer: (request: Q) => R | { code: status; details: string }) =>
    answering(faults, name, answer);
  const server = new Server();
  const admitted = <T extends { readonly id: string }>(items: T[]): T[] => {
    for (const { id } of items) store.admitted?.add(id);
    return items;
  };
  server.addService(passingBytes(RuntimeServiceService), {
    version: method("Version", () => version),
    listPodSandbox: method("ListPodSandbox", (request: { filter?: PodSandboxFilter }) => ({
      items: admitted(listSandboxes(store, request.filter)),
    })),
    listContainers: method("ListContainers", (request: { filter?: ContainerFilter }) => ({
      containers: admitted(listContainers(store, request.filter)),
    })),
    podSandboxStatus: method(
      "PodSandboxStatus",
      ({ podSandboxId }: ById) => findById(store.sandboxes, podSandboxId)?.status ?? missing("sandbox", podSandboxId),
    ),
    containerStatus: method("ContainerStatus", ({ containerId, verbose }: ById) => {
      const found = findById(store.containers, containerId)?.status;
      if (found === undefined) return missing("container", containerId);
      return verbose ? found : { ...found, info: {} };
    }),
  });
  server.addService(passingBytes(ImageServiceService), {
    listImages: method("ListImages", () => ({ images: store.images })),
    imageStatus: method("ImageStatus", (request: { image?: { image: string } }) => ({
      image: findImage(store, request.image?.image ?? ""),
      info: {},
    })),
  });
  server.addService(EventsService, { subscribe: (stream: EventStream) => events.subscribe(stream) });
  await bind(server, address);
  return server;
}

function missing(what: string, id: string): { code: status; details: string } {
  return { code: status.NOT_FOUND, details: `an error occurred when try to find ${what} "${id}": not found` };
}

type Definition = Readonly<Record<string, { responseSerialize(value: never): Buffer }>>;

/** The same service, except that an answer that is bytes already goes out as it is. */
function passingBytes<S extends Definition>(service: S): S {
  const changed = Object.entries(service).map(([name, one]) => {
    const responseSerialize = (value: unknown) =>
      Buffer.isBuffer(value) ? value : one.responseSerialize(value as never);
    return [name, { ...one, responseSerialize }];
  });
  return Object.fromEntries(changed) as S;
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}
