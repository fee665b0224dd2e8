import { ContainerCreate, ContainerDelete, ContainerUpdate } from "../../proto/containerd/events/container.ts";
import { TaskDelete, TaskExit, TaskStart } from "../../proto/containerd/events/task.ts";
import { EventsService } from "../../proto/containerd/services/events/v1/events.ts";
import type { Envelope } from "../../proto/containerd/types/event.ts";
import type { Caller } from "../grpc/calls.ts";
import { type Channel, clientOn } from "../grpc/channel.ts";
import type { Hint } from "../facts.ts";

type Follower = {
  readonly onHint: (hint: Hint, namespace: string) => void;
  readonly signal: AbortSignal;
};

type Source = {
  readonly channel: Channel;
  readonly caller: Caller;
  /** Whether events of this namespace are wanted. */
  readonly covers: (namespace: string) => boolean;
};

/** Events of all namespaces come on one stream: namespaces come and go. */
const filters = ['topic~="^/containers/"', 'topic~="^/tasks/(start|exit|delete)$"'];

/** Follows containerd's own events on the channel of its CRI service: both live on one socket. */
export function followContainerd({ channel, caller, covers }: Source, { onHint, signal }: Follower): Promise<void> {
  const events = clientOn(EventsService, channel);
  return caller.drain<Envelope>("Subscribe", (options) => events.subscribe({ filters }, options), {
    signal,
    onMessage: (envelope) => {
      const hint = covers(envelope.namespace) ? readEvent(envelope) : undefined;
      if (hint !== undefined) onHint(hint, envelope.namespace);
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
