import { Cursor, Wire } from "../../otlp/wire/cursor.ts";
import { lengthDelimited } from "../../otlp/rope/splice.ts";
import { Code, ok } from "../status.ts";
import type { Status } from "../status.ts";
import type { UnaryHandler, UnaryMethods } from "../transport.ts";
import { watching } from "./watch.ts";

/** HealthCheckResponse { status = 1 }: SERVING is 1, NOT_SERVING 2, SERVICE_UNKNOWN, which only Watch says, 3. */
const serving = Buffer.from([0x08, 1]);
const notServing = Buffer.from([0x08, 2]);
const serviceUnknown = Buffer.from([0x08, 3]);

const unreadable: Status = {
  code: Code.INVALID_ARGUMENT,
  message: "Cannot read the request: must be a HealthCheckRequest",
};

/**
 * The methods of grpc.health.v1.Health: Check answers for "" and for each of `services`, and NOT_FOUND for others; List for all of
 * them; Watch tells of one, at once and within half a second of each change.
 */
export function healthMethods(services: readonly string[], isServing: () => boolean): UnaryMethods {
  const known = new Set(["", ...services]);
  const check: UnaryHandler = async ({ message }) => {
    const service = serviceOf(message);
    if (service === undefined) return { status: unreadable };
    if (!known.has(service))
      return {
        status: {
          code: Code.NOT_FOUND,
          message: `Cannot tell the health of ${service.slice(0, 200)}: no such service here`,
        },
      };
    return { status: ok, body: isServing() ? serving : notServing };
  };
  const list: UnaryHandler = async () => ({ status: ok, body: listOf([...known], isServing() ? serving : notServing) });
  const watch = watching({
    tellerOf(message) {
      const service = serviceOf(message);
      if (service === undefined) return undefined;
      return known.has(service) ? () => (isServing() ? serving : notServing) : () => serviceUnknown;
    },
    problem: unreadable,
  });
  return new Map([
    ["/grpc.health.v1.Health/Check", check],
    ["/grpc.health.v1.Health/List", list],
    ["/grpc.health.v1.Health/Watch", watch],
  ]);
}

/** HealthListResponse { statuses = 1: map of string to HealthCheckResponse }, whose entries are { key = 1, value = 2 }. */
function listOf(services: readonly string[], state: Buffer): Buffer {
  const entry = (service: string): Buffer =>
    Buffer.concat([lengthDelimited(1, Buffer.from(service)), lengthDelimited(2, state)]);
  return Buffer.concat(services.map((service) => lengthDelimited(1, entry(service))));
}

/** HealthCheckRequest { service = 1 }; undefined when the bytes are none. */
function serviceOf(message: Buffer): string | undefined {
  const cursor = new Cursor(message);
  let service = "";
  while (cursor.next()) {
    if (cursor.field === 1 && cursor.wire === Wire.LEN) service = message.toString("utf8", cursor.start, cursor.stop);
  }
  return cursor.problem === "" ? service : undefined;
}
