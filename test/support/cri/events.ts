import type { ServerWritableStream } from "@grpc/grpc-js";
import type { SubscribeRequest } from "../../../src/proto/containerd/services/events/v1/events.ts";
import { Envelope } from "../../../src/proto/containerd/types/event.ts";
import type { Faults } from "./faults.ts";

/** One subscriber. */
export type EventStream = ServerWritableStream<SubscribeRequest, Envelope>;
/** See createEvents. */
export type Events = ReturnType<typeof createEvents>;

/** containerd's own events: each subscriber gets all. */
export function createEvents(faults: Faults) {
  const streams = new Set<EventStream>();
  return {
    subscribe(stream: EventStream) {
      faults.count("Subscribe");
      const fault = faults.of("Subscribe");
      if (fault?.kind === "status") {
        stream.emit("error", { code: fault.code, details: "told to fail" });
        return;
      }
      streams.add(stream);
      stream.on("cancelled", () => streams.delete(stream));
      stream.on("close", () => streams.delete(stream));
    },
    send(topic: string, value: Uint8Array) {
      const event = { typeUrl: `containerd.events${topic}`, value: Buffer.from(value) };
      for (const stream of streams) stream.write(Envelope.fromPartial({ namespace: "k8s.io", topic, event }));
    },
    end() {
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
