import { encodeStatus } from "../../net/grpc/status-codec.ts";
import { statusToJson } from "../../net/status-json.ts";
import type { Status } from "../../net/status.ts";
import type { Transcoded } from "../../otlp/json/limits.ts";
import { jsonToProtobuf } from "../../otlp/json/read.ts";
import { requestNames, responseNames } from "../../otlp/json/schema.ts";
import { protobufToJson } from "../../otlp/json/write.ts";
import type { Signal } from "../../otlp/signals.ts";

/** One of the two encodings of OTLP/HTTP: what comes is made protobuf, what goes is made of it. */
export type Codec = {
  readonly mediaType: string;
  request(signal: Signal, body: Buffer): Transcoded;
  response(signal: Signal, body: Uint8Array): Uint8Array;
  status(status: Status): Uint8Array;
};

export const protobuf: Codec = {
  mediaType: "application/x-protobuf",
  request: (_, body) => ({ status: "ok", bytes: body }),
  response: (_, body) => body,
  status: encodeStatus,
};

export const json: Codec = {
  mediaType: "application/json",
  request: (signal, body) => jsonToProtobuf(requestNames[signal], body),
  response: (signal, body) => {
    const transcoded = protobufToJson(responseNames[signal], body);
    // The response is of our own making.
    if (transcoded.status === "malformed") throw new Error(transcoded.problem);
    return transcoded.bytes;
  },
  status: statusToJson,
};

/** The codec that a Content-Type names, whatever its parameters; undefined for any other type. */
export function codecOf(contentType: string | undefined): Codec | undefined {
  const mediaType = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  return [protobuf, json].find((codec) => codec.mediaType === mediaType);
}
