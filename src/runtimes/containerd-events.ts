import { type Channel, Metadata } from "@grpc/grpc-js";
import { ContainerCreate, ContainerDelete, ContainerUpdate } from "../proto/containerd/events/container.ts";
import { TaskDelete, TaskExit, TaskStart } from "../proto/containerd/events/task.ts";
import { EventsClient } from "../proto/containerd/services/events/v1/events.ts";
import type { Envelope } from "../proto/containerd/types/event.ts";
import type { Caller } from "./calls.ts";
import { clientOn } from "./client.ts";
import type { Hint } from "./facts.ts";

/** The namespace in which containerd's CRI plugin keeps its containers. */
const namespace = "k8s.io";

type Follower = { readonly onHint: (hint: Hint) => void; readonly signal: AbortSignal };

/** Follows containerd's own events of the CRI namespace on the channel of its CRI service: both live on one socket. */
export function followContainerd(channel: Channel, caller: Caller, { onHint, signal }: Follower): Promise<void> {
  const client = clientOn(EventsClient, channel);
  const metadata = new Metadata();
  metadata.set("containerd-namespace", namespace);
  const filters = [
    `namespace==${namespace},topic~="^/containers/"`,
    `namespace==${namespace},topic~="^/tasks/(start|exit|delete)$"`,
  ];
  const stream = client.subscribe({ filters }, metadata);
  return caller.drain<Envelope>("Subscribe", stream, {
    signal,
    onMessage: (envelope) => {
      const hint = readEvent(envelope);
      if (hint !== undefined) onHint(hint);
    },
  });
}

/** The hint in an event; undefined for topics that tell nothing, and for events whose payload is broken. */
export function readEvent(envelope: Envelope): Hint | undefined {
  const read = topics.get(envelope.topic);
  if (read === undefined || envelope.event === undefined) return undefined;
  try {
    const hint = read(envelope.event.value);
    return hint === undefined || hint.id === "" ? undefined : hint;
  } catch {
    // An event that cannot be decoded is no reason to ask; the next list finds what it would have told.
    return undefined;
  }
}

const topics: ReadonlyMap<string, (payload: Uint8Array) => Hint | undefined> = new Map<
  string,
  (payload: Uint8Array) => Hint | undefined
>([
  ["/containers/create", (payload) => ({ id: ContainerCreate.decode(payload).id, change: "appeared" })],
  ["/containers/update", (payload) => ({ id: ContainerUpdate.decode(payload).id, change: "changed" })],
  ["/containers/delete", (payload) => ({ id: ContainerDelete.decode(payload).id, change: "gone" })],
  ["/tasks/start", (payload) => ({ id: TaskStart.decode(payload).containerId, change: "changed" })],
  ["/tasks/exit", (payload) => exit(TaskExit.decode(payload))],
  ["/tasks/delete", (payload) => exit(TaskDelete.decode(payload))],
]);

/** An exec'd process ends under its own ID and says nothing about its container. */
function exit(event: { readonly containerId: string; readonly id: string }): Hint | undefined {
  return event.id === "" || event.id === event.containerId ? { id: event.containerId, change: "exited" } : undefined;
}
