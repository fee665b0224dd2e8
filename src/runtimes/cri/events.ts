import { type ContainerEventResponse, ContainerEventType } from "../../proto/cri/v1/api.ts";
import type { Caller } from "../grpc/calls.ts";
import type { StreamOptions } from "../grpc/channel.ts";
import type { Hint } from "../facts.ts";

type Follower = { readonly onHint: (hint: Hint) => void; readonly signal: AbortSignal };

/**
 * Reads CRI's container events, always at once: whoever does not read holds up a kubelet that listens too. What comes first
 * may be minutes old, and a runtime that has events switched off ends the stream at once without an error.
 */
export function followCri(
  open: (options: StreamOptions<ContainerEventResponse>) => Promise<void>,
  caller: Caller,
  { onHint, signal }: Follower,
): Promise<void> {
  return caller.drain("GetContainerEvents", open, {
    signal,
    onMessage({ containerId, containerEventType }) {
      const change = changes[containerEventType];
      if (containerId !== "" && change !== undefined) onHint({ id: containerId, change });
    },
  });
}

const changes: Readonly<Record<number, Hint["change"]>> = {
  [ContainerEventType.CONTAINER_CREATED_EVENT]: "appeared",
  [ContainerEventType.CONTAINER_STARTED_EVENT]: "changed",
  [ContainerEventType.CONTAINER_STOPPED_EVENT]: "exited",
  [ContainerEventType.CONTAINER_DELETED_EVENT]: "gone",
};
