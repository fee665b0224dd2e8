import { describe, expect, test } from "vitest";
import { formatEndpoint, parseEndpoint } from "../../src/net/socket/endpoint.ts";
import { Gatherer } from "../../src/net/gather.ts";
import { FrameReader, prefix } from "../../src/net/grpc/frame.ts";
import {
  decodeBinary,
  decodeMessage,
  encodeBinary,
  encodeMessage,
  formatTimeout,
  isGrpcContentType,
  parseTimeout,
} from "../../src/net/grpc/headers.ts";
import { decodeStatus, encodeStatus } from "../../src/net/grpc/status-codec.ts";
import { Code, codeName, codeOfHttp, codeOfReset, httpOfCode, isRetryable } from "../../src/net/status.ts";

describe("grpc-timeout", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["5S", 5000],
    ["250m", 250],
    ["1500u", 1.5],
    ["2000000n", 2],
    ["99999999m", 99_999_999],
  ])("%s is read", (text, ms) => expect(parseTimeout(text)).toBeCloseTo(ms, 9));

  test.each(["", "5", "S", "123456789m", "-1S", "1.5S", "5 S", "5s"])("'%s' is none", (text) =>
    expect(parseTimeout(text)).toBeUndefined(),
  );

  test.each([
    [5000, "5000m"],
    [0.2, "1m"],
    [2 ** 31 - 1, "2147484S"],
    [1e12, "277778H"],
  ])("%s ms is written as %s", (ms, text) => expect(formatTimeout(ms)).toBe(text));
});

describe("grpc-message", () => {
  test.each([
    ["plain words, 100 of them", "plain words, 100 of them"],
    ["100%", "100%25"],
    ["grüße\n", "gr%C3%BC%C3%9Fe%0A"],
    ["", ""],
    ["cannot reach: ", "cannot reach:%20"],
    ["  two words ", "%20 two words%20"],
    [" ", "%20"],
  ])("'%s' is percent-encoded as the specification has it, and back", (message, encoded) => {
    expect(encodeMessage(message)).toBe(encoded);
    expect(decodeMessage(encoded)).toBe(message);
  });

  test("what was not encoded is read as UTF-8", () =>
    expect(decodeMessage(Buffer.from("grüße%21").toString("latin1"))).toBe("grüße!"));

  test("what is not a valid escape stays as it is", () => expect(decodeMessage("50% of %zz %4")).toBe("50% of %zz %4"));
});

test("a binary header is read with and without padding and written without", () => {
  expect(encodeBinary(Buffer.from("ab"))).toBe("YWI");
  expect(decodeBinary("YWI").toString()).toBe("ab");
  expect(decodeBinary("YWI=").toString()).toBe("ab");
});

test.each([
  ["application/grpc", true],
  ["application/grpc+proto", true],
  ["application/grpc;charset=utf-8", true],
  ["application/grpc+proto ; charset=utf-8", true],
  ["Application/gRPC", true],
  ["application/grpcx", false],
  ["application/grpc+protobuf", false],
  ["application/grpc+json", false],
  ["application/grpc-web", false],
  ["application/json", false],
  [undefined, false],
])("the content type %s is gRPC's: %s", (type, isGrpc) => expect(isGrpcContentType(type)).toBe(isGrpc));

/** Made with protobufjs from google/rpc/status.proto and error_details.proto. */
const statuses = {
  withHint:
    "080e1204627573791a360a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f120a0a0808011080cab5ee01",
  hintBehindAnother:
    "0808120571756f74611a2f0a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e4572726f72496e666f12030a01781a300a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f12040a02085a",
  negativeHint:
    "080e12001a390a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f120d0a0b08ffffffffffffffffff01",
  plain: "080312076772c3bcc39f65",
  oneNano:
    "080e12001a300a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f12040a021001",
} as const;

describe("google.rpc.Status", () => {
  test.each([
    [statuses.withHint, { code: 14, message: "busy", retryAfterMs: 1500 }],
    [statuses.hintBehindAnother, { code: 8, message: "quota", retryAfterMs: 90_000 }],
    [statuses.negativeHint, { code: 14, message: "" }],
    [statuses.plain, { code: 3, message: "grüße" }],
    [statuses.oneNano, { code: 14, message: "", retryAfterMs: 1 }],
  ])("another library's bytes %s are read", (hex, status) =>
    expect(decodeStatus(Buffer.from(hex, "hex"))).toEqual(status),
  );

  test.each([
    [{ code: 14, message: "busy", retryAfterMs: 1500 }, statuses.withHint],
    [{ code: 3, message: "grüße" }, statuses.plain],
  ])("%o is written as another library does", (status, hex) => expect(encodeStatus(status).toString("hex")).toBe(hex));

  test("a hint of no time at all is still a hint", () =>
    expect(decodeStatus(encodeStatus({ code: 8, message: "", retryAfterMs: 0 }))).toEqual({
      code: 8,
      message: "",
      retryAfterMs: 0,
    }));
  test("bytes that are no message are not read", () =>
    expect(decodeStatus(Buffer.from("12ff", "hex"))).toBeUndefined());
});

describe("the one map of statuses", () => {
  test.each([
    ["CANCELLED", true, 503],
    ["UNKNOWN", false, 500],
    ["INVALID_ARGUMENT", false, 400],
    ["DEADLINE_EXCEEDED", true, 503],
    ["NOT_FOUND", false, 500],
    ["PERMISSION_DENIED", false, 403],
    ["RESOURCE_EXHAUSTED", false, 429],
    ["FAILED_PRECONDITION", false, 500],
    ["ABORTED", true, 503],
    ["OUT_OF_RANGE", true, 503],
    ["UNIMPLEMENTED", false, 404],
    ["INTERNAL", false, 500],
    ["UNAVAILABLE", true, 503],
    ["DATA_LOSS", true, 503],
    ["UNAUTHENTICATED", false, 401],
  ] as const)("%s is retryable: %s, and %s over HTTP", (name, retryable, http) => {
    expect(isRetryable({ code: Code[name], message: "" })).toBe(retryable);
    expect(httpOfCode(Code[name])).toBe(http);
    expect(codeName(Code[name])).toBe(name);
  });

  test("RESOURCE_EXHAUSTED is retryable with a hint", () =>
    expect(isRetryable({ code: Code.RESOURCE_EXHAUSTED, message: "", retryAfterMs: 0 })).toBe(true));

  test.each([
    [400, Code.INTERNAL],
    [401, Code.UNAUTHENTICATED],
    [403, Code.PERMISSION_DENIED],
    [404, Code.UNIMPLEMENTED],
    [429, Code.UNAVAILABLE],
    [502, Code.UNAVAILABLE],
    [503, Code.UNAVAILABLE],
    [504, Code.UNAVAILABLE],
    [302, Code.UNKNOWN],
  ])("HTTP %s without a grpc-status is code %s", (http, code) => expect(codeOfHttp(http)).toBe(code));

  test.each([
    [0, Code.UNAVAILABLE],
    [1, Code.UNAVAILABLE],
    [2, Code.UNAVAILABLE],
    [7, Code.UNAVAILABLE],
    [8, Code.CANCELLED],
    [11, Code.UNAVAILABLE],
    [12, Code.PERMISSION_DENIED],
  ])("a call that ends without a grpc-status and with HTTP/2 error %s is code %s", (reset, code) =>
    expect(codeOfReset(reset)).toBe(code),
  );
});

describe("a frame", () => {
  const message = Buffer.from("0500000003616263", "hex");

  test("in one chunk is not copied", () => {
    const bytes = Buffer.from("0000000003616263", "hex");
    const found = new FrameReader(10).push(bytes);
    expect(found).toEqual({ status: "message", compressed: false, payload: Buffer.from("abc") });
    expect(found.status === "message" && found.payload.buffer === bytes.buffer).toBe(true);
  });

  test("that comes byte by byte is the same message", () => {
    const reader = new FrameReader(10_000);
    const whole = Buffer.concat([prefix(9000, true), Buffer.alloc(9000, 7)]);
    const found = [...whole].map((byte) => reader.push(Buffer.from([byte])));
    expect(found.slice(0, -1).every(({ status }) => status === "incomplete")).toBe(true);
    expect(found.at(-1)).toEqual({ status: "message", compressed: true, payload: Buffer.alloc(9000, 7) });
    expect(reader.held).toBeLessThan(3 * whole.length);
  });

  test("with a flag that is none is refused", () =>
    expect(new FrameReader(10).push(message)).toEqual({ status: "bad_flag", flag: 5 }));
  test("that announces too much is refused before it comes", () =>
    expect(new FrameReader(10).push(Buffer.from("00ffffffff", "hex"))).toEqual({
      status: "too_large",
      announced: 0xffffffff,
    }));
  test("with something behind it is refused", () =>
    expect(new FrameReader(10).push(Buffer.from("000000000000", "hex")).status).toBe("surplus"));
  test("takes memory for what has come, not for what was announced", () => {
    const reader = new FrameReader(2 ** 31);
    reader.push(Buffer.from("0070000000", "hex"));
    reader.push(Buffer.alloc(100));
    expect(reader.held).toBeLessThan(10_000);
  });
});

test("chunks of all sizes come out in one piece and in order", () => {
  const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
  const gatherer = new Gatherer();
  for (let at = 0, step = 1; at < bytes.length; at += step, step = (step * 3) % 7001)
    gatherer.push(bytes.subarray(at, at + step));
  expect(gatherer.whole().equals(bytes)).toBe(true);
});

describe("an endpoint", () => {
  test.each([
    ["localhost:4317", { kind: "tcp", host: "localhost", port: 4317, scheme: undefined }],
    [":4317", { kind: "tcp", host: "", port: 4317, scheme: undefined }],
    ["[::1]:4317", { kind: "tcp", host: "::1", port: 4317, scheme: undefined }],
    ["https://tempo:443", { kind: "tcp", host: "tempo", port: 443, scheme: "https" }],
    ["http://tempo:4317/", { kind: "tcp", host: "tempo", port: 4317, scheme: "http" }],
    ["dns:///tempo:4317", { kind: "tcp", host: "tempo", port: 4317, scheme: undefined }],
    ["dns:tempo:4317", { kind: "tcp", host: "tempo", port: 4317, scheme: undefined }],
    ["passthrough:///10.0.0.1:4317", { kind: "tcp", host: "10.0.0.1", port: 4317, scheme: undefined }],
    ["unix:///run/otlp.sock", { kind: "unix", path: "/run/otlp.sock" }],
    ["unix:run/otlp.sock", { kind: "unix", path: "run/otlp.sock" }],
  ])("%s is understood", (text, parsed) => expect(parseEndpoint(text)).toEqual(parsed));

  test.each([
    ["tempo", /must have a port/],
    ["tempo:99999", /port from 0 to 65535/],
    ["tempo:grpc", /port from 0 to 65535/],
    ["::1:4317", /IPv6 address in brackets/],
    ["http://tempo:4317/v1/traces", /without a path|must be host:port/],
    ["xds:///tempo:1", /unknown scheme "xds"/],
    ["unix://", /must name a socket/],
    [`unix:///${"x".repeat(120)}`, /at most 107 bytes, has 121/],
  ])("%s is refused in words", (text, words) => expect(parseEndpoint(text)).toMatch(words));

  test("without a port takes the default", () =>
    expect(parseEndpoint("https://tempo", 4317)).toEqual({ kind: "tcp", host: "tempo", port: 4317, scheme: "https" }));
  test("is written as it is read", () =>
    expect(formatEndpoint({ kind: "tcp", host: "::1", port: 1, scheme: undefined })).toBe("[::1]:1"));
});
