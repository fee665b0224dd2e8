import { StatusError, Code, ok } from "../../net/status.ts";
import type { Status } from "../../net/status.ts";
import type { Refusal } from "../../net/transport.ts";
import type { LetGo } from "../../otlp/rope/arena.ts";
import { check } from "../../otlp/check.ts";
import { encodePartialSuccess, fullSuccess } from "../../otlp/response.ts";
import { shapes } from "../../otlp/signals.ts";
import type { Signal } from "../../otlp/signals.ts";
import type { Batch, Consumer, Delivery, Host } from "../../pipeline/contract.ts";
import type { CancelSignal } from "../../otlp/cancel.ts";

/** What a client is told, in whichever protocol it speaks. */
export type Answer = {
  readonly status: Status;
  readonly body: Uint8Array;
  /** When nobody looks at the request's bytes any more. */
  readonly letGo?: LetGo;
};

/** A request as it came in, whatever the protocol. */
export type Arrival = {
  readonly bytes: Buffer;
  readonly peer: string | undefined;
  readonly isFromSdk: boolean;
  readonly deadline: number | undefined;
  readonly signal: CancelSignal;
};

/** Takes the requests of one signal over one transport: checks, hands on, counts, answers. */
export type Door = (arrival: Arrival) => Promise<Answer>;

type DoorOptions = { readonly host: Host; readonly transport: "grpc" | "http"; readonly signal: Signal };

const taken: Answer = { status: ok, body: fullSuccess };
const letGo: Answer = { ...taken, letGo: true };

/** Opens the door to a consumer. */
export function createDoor(consumer: Consumer, { host, transport, signal }: DoorOptions): Door {
  const { items } = shapes[signal];
  const labels = { receiver: host.id, transport };
  const acceptedItems = host.metrics.counter(`otelcol_receiver_accepted_${items}`, labels);
  const refusedItems = host.metrics.counter(`otelcol_receiver_refused_${items}`, labels);
  const turnedAway = turnAway(host, transport);

  return ({ bytes, peer, isFromSdk, deadline, signal: abort }) => {
    const checked = check(signal, bytes);
    if (checked.status === "malformed") {
      turnedAway("malformed");
      return Promise.resolve(refusal({ code: Code.INVALID_ARGUMENT, message: checked.problem }));
    }
    const { items: count } = checked;
    if (count === 0) return Promise.resolve(letGo);
    const batch: { -readonly [Key in keyof Batch]: Batch[Key] } = { signal, bytes, items: count };
    if (peer !== undefined) batch.peer = peer;
    if (isFromSdk) batch.isFromSdk = true;
    if (deadline !== undefined) batch.deadline = deadline;
    return consumer.consume(batch, abort).then((delivery) => {
      const all = whole(delivery);
      const refused = refusedOf(all, count);
      acceptedItems.add(count - refused);
      refusedItems.add(refused);
      return answerOf(all);
    });
  };
}

/** Counts what is turned away before it is telemetry. */
export function turnAway(host: Host, transport: "grpc" | "http"): (reason: Refusal) => void {
  return (reason) =>
    host.metrics.counter("podstamp_receiver_turned_away", { receiver: host.id, transport, reason }).add(1);
}

/** What a client is told of its delivery: a status from further on is passed on as it is. */
function answerOf(delivery: WholeDelivery): Answer {
  switch (delivery.status) {
    case "accepted":
      if (delivery.letGo === undefined) return taken;
      return delivery.letGo === true ? letGo : { ...taken, letGo: delivery.letGo };
    case "retry": {
      const { cause, afterMs } = delivery;
      if (cause instanceof StatusError) return refusal(cause.status);
      return refusal({
        code: Code.UNAVAILABLE,
        message: cause.message,
        ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
      });
    }
    case "rejected": {
      const { cause, items } = delivery;
      if (items !== undefined)
        return { status: ok, body: encodePartialSuccess({ rejected: items, message: cause.message }) };
      return refusal(cause instanceof StatusError ? cause.status : { code: Code.INTERNAL, message: cause.message });
    }
  }
}

type WholeDelivery = Exclude<Delivery, { readonly status: "parts" }>;

/** One request is one part. With more, one that can be sent again makes the whole one that can: nothing may be lost. */
function whole(delivery: Delivery): WholeDelivery {
  if (delivery.status !== "parts") return delivery;
  const parts = delivery.parts.map(whole);
  return (
    parts.find(({ status }) => status === "retry") ??
    parts.find(({ status }) => status === "rejected") ?? { status: "accepted" }
  );
}

function refusedOf(delivery: WholeDelivery, items: number): number {
  switch (delivery.status) {
    case "accepted":
      return 0;
    case "retry":
      return items;
    case "rejected":
      return Math.min(delivery.items ?? items, items);
  }
}

function refusal(status: Status): Answer {
  return { status, body: fullSuccess };
}
