import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { Schema } from "../../../src/config/schema/schema.ts";
import { decode } from "../../../src/config/document/decode.ts";
import {
  byteCount,
  choice,
  duration,
  endpoint,
  flag,
  headers,
  integer,
  level,
  mebibytes,
  notYet,
  optionalSection,
  secret,
  secretMap,
  section,
  stringList,
  subsection,
  text,
  textOrNone,
} from "../../../src/config/fields/fields.ts";
import { serverTlsFields } from "../../../src/config/fields/tls-fields.ts";
import { httpUrl } from "../../../src/config/fields/url-field.ts";
import { problemLine } from "../../../src/config/document/problem.ts";
import { parseTree } from "../../../src/config/document/tree.ts";
import { expandTree } from "../../../src/config/document/expand.ts";

function read(field: Schema<unknown>, source: string, env: Readonly<Record<string, string>> = {}): unknown {
  const parsed = parseTree("a.yaml", source).tree;
  if (parsed === undefined) throw new Error(`Cannot parse ${source}`);
  const decoded = decode(section({ v: field }), expandTree(parsed, env).tree, ["p", "c"]);
  if (!decoded.ok) return decoded.problems.map(problemLine).join("\n");
  const warnings = decoded.problems.map(problemLine);
  return warnings.length > 0 ? warnings.join("\n") : (decoded.value as { v: unknown }).v;
}

const is = (rule: string, column = 4) => `a.yaml:1:${column}: Cannot use p::c::v: ${rule}`;

test("a text that is a secret is not shown when it is wrong", () => {
  expect(read(textOrNone({ isSecret: true, maxLength: 3 }), "v: s3cret")).toBe(
    is("must be a string of at most 3 characters, is [REDACTED]"),
  );
});

test("a server's tls may have empty settings, but nothing in place of those whom it lets in", () => {
  const own = "cert_file: a, key_file: b";
  expect(read(serverTlsFields, `v: {${own}, ca_file: '', key_pem: ''}`)).toMatchObject({ min_version: "1.2" });
  expect(read(serverTlsFields, `v: {${own}, client_ca_file: "\${env:CA}"}`, { CA: "77" })).toMatchObject({
    client_ca_file: "77",
  });
  const rule = "Cannot use p::c::v::client_ca_file: must be a file; leave the key out where everybody may send";
  for (const nothing of ["''", '"${env:NOT_SET}"', ""])
    expect(read(serverTlsFields, `v: {${own}, client_ca_file: ${nothing}}`)).toContain(rule);
});

test("tls takes Go's names of cipher suites, and no others", () => {
  const suites = (list: string) => read(serverTlsFields, `v: {cert_file: a, key_file: b, cipher_suites: ${list}}`);
  const known = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"];
  expect(suites(`[${known.join(", ")}]`)).toMatchObject({ cipher_suites: known });
  for (const unknown of ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"])
    expect(suites(`[${known[0]}, ${unknown}]`)).toMatch(
      /^a\.yaml:1:\d+.*p::c::v::cipher_suites::1: must be one of TLS_AES_128_GCM_SHA256, /,
    );
  const weak = "[TLS_RSA_WITH_AES_128_CBC_SHA]";
  expect(suites(weak)).toContain(
    "p::c::v::cipher_suites::0: must have include_insecure_cipher_suites: true: it is weak",
  );
  expect(suites(`${weak}, include_insecure_cipher_suites: true`)).toMatchObject({
    cipher_suites: ["TLS_RSA_WITH_AES_128_CBC_SHA"],
  });
});

describe("scalars", () => {
  test.each([
    ["duration", duration({ default: "2s" }), "v: 1m30s", 90_000],
    ["duration by default", duration({ default: "2s" }), "{}", 2000],
    ["duration that is null", duration({ default: "2s" }), "v:", 2000],
    ["duration in nanoseconds", duration(), "v: 5000000", 5],
    ["integer", integer({ default: 3 }), "v: 7", 7],
    ["MiB", mebibytes({ default: 4 }), "v: 2", 2_097_152],
    ["MiB by default", mebibytes({ default: 4 }), "{}", 4_194_304],
    ["bytes", byteCount({ default: 1 }), "v: 0", 0],
    ["flag", flag(true), "v: false", false],
    ["text", text({ default: "x" }), "v: '0'", "0"],
    ["text that need not be there", textOrNone(), "v: x", "x"],
    ["text that is empty, as if it were not there", textOrNone(), "v: ''", undefined],
    ["URL that is empty, as if it were not there", httpUrl(), "v: ''", undefined],
    ["choice", choice(["gzip", "none"], "gzip"), "v: none", "none"],
    ["level in capitals", level(["low", "high"], "low"), "v: High", "high"],
    ["level with another word", level(["low", "high"], "low", { loud: "high" }), "v: LOUD", "high"],
    ["list", stringList({ default: ["a"] }), "v: [x, y]", ["x", "y"]],
    ["list by default", stringList({ default: ["a"] }), "v: ", ["a"]],
    ["list that is empty", stringList({ default: ["a"] }), "v: []", []],
    ["lone string for a list", stringList(), "v: 'x, y'", ["x", "y"]],
    ["endpoint", endpoint(), "v: localhost:4317", "localhost:4317"],
    ["endpoint on all interfaces", endpoint(), "v: ':4317'", ":4317"],
    ["endpoint in IPv6", endpoint(), "v: '[::1]:4317'", "[::1]:4317"],
    ["endpoint with a scheme", endpoint({ schemes: ["unix"] }), "v: unix:///run/x.sock", "unix:///run/x.sock"],
  ])("%s", (_, field, source, expected) => {
    expect(read(field, source)).toEqual(expected);
  });

  test.each([
    [duration(), "v: soon", is('must be a duration such as 2s, is "soon"')],
    [duration(), "v: 1.5", is("must be a duration such as 2s, is 1.5")],
    [duration({ min: "1s" }), "v: 5ms", is('must be a duration >= 1s, is "5ms"')],
    [duration({ min: "1s", max: "1m" }), "v: 2m", is('must be a duration from 1s to 1m, is "2m"')],
    [duration(), "v: -1s", is('must be a duration >= 0s, is "-1s"')],
    [duration(), "v: 1000h", is('must be a duration <= 596h31m23.647s, is "1000h"')],
    [duration(), "{}", "a.yaml:1:1: Cannot use p::c::v: must be a duration such as 2s, is not set"],
    [integer({ min: 1 }), "v: 0", is("must be an integer >= 1, is 0")],
    [integer({ min: 1, max: 9 }), "v: 10", is("must be an integer from 1 to 9, is 10")],
    [integer(), "v: '7'", is('must be an integer, is "7"')],
    [integer(), "v: 1.5", is("must be an integer, is 1.5")],
    [integer(), "v: true", is("must be an integer, is true")],
    [flag(false), "v: 'true'", is('must be true or false, is "true"')],
    [flag(false), "v: [1]", is("must be true or false, is a list")],
    [text(), "v: 7", is("must be a string, is 7")],
    [text({ minLength: 1 }), "v: ''", is('must not be empty, is ""')],
    [choice(["gzip", "none"]), "v: brotli", is('must be one of gzip, none, is "brotli"')],
    [choice(["gzip", "none"]), "v: gziped", is('must be one of gzip, none, is "gziped"; did you mean gzip?')],
    [
      stringList({ words: ["k8s.pod.start_time", "k8s.pod.name"], listedIn: "docs/attributes.md" }),
      "v: [k8s.pod.startTime]",
      'a.yaml:1:5: Cannot use p::c::v::0: must be one of those in docs/attributes.md, is "k8s.pod.startTime"; did you mean k8s.pod.start_time?',
    ],
    [stringList(), "v: {a: 1}", is("must be a list of strings")],
    [stringList(), "v: [a, 1]", "a.yaml:1:8: Cannot use p::c::v::1: must be a string, is 1"],
    [stringList({ words: ["a"] }), "v: [a, b]", 'a.yaml:1:8: Cannot use p::c::v::1: must be one of a, is "b"'],
    [endpoint(), "v: localhost", is('must be host:port, is "localhost"')],
    [endpoint(), "v: localhost:99999", is('must be host:port with a port from 0 to 65535, is "localhost:99999"')],
    [endpoint(), "v: http://x:1", is('must be host:port, is "http://x:1"')],
    [
      endpoint({ schemes: ["http", "unix"] }),
      "v: ftp://x",
      is('must be host:port, http://… or unix://…, is "ftp://x"'),
    ],
    [endpoint(), "v:", "a.yaml:1:1: Cannot use p::c::v: must be host:port, is not set"],
    [text({ maxLength: 3 }), 'v: "a\\eb[31m"', is('must be a string of at most 3 characters, is "a\\u{1b}b[31m"')],
  ])("%# is refused with its rule and its value", (field, source, expected) => {
    expect(read(field, source)).toBe(expected);
  });
});

describe("values from the environment", () => {
  test("a string takes the text of the variable, a number its value", () => {
    expect(read(text(), "v: ${env:X}", { X: "0123" })).toBe("0123");
    expect(read(integer(), "v: ${env:X}", { X: "0123" })).toBe(83);
    expect(read(stringList(), "v: ['${env:X}']", { X: "0123" })).toEqual(["0123"]);
    expect(read(secret(), "v: ${env:X}", { X: "1e3" })).toMatchObject({});
  });

  test("a string takes all of the text, also what YAML would leave out, and what is no string takes what YAML reads", () => {
    for (const X of ["hunter2 #3", '"hunter2"', "'a", "a\nb", "!a b", " a "])
      expect([read(text(), "v: ${env:X}", { X }), read(stringList(), "v: ['${env:X}']", { X })]).toEqual([X, [X]]);
    expect(read(duration(), "v: ${env:X}", { X: "'5s' # long" })).toBe(5000);
    expect(read(headers(), "v: {a: '${env:X}'}", { X: "b\n" })).toEqual(new Map([["a", expect.anything()]]));
    expect(read(choice(["a", "b"], "a"), "v: ${env:X}", { X: "b # not a" })).toBe("b");
    expect(read(integer(), "v: ${env:X}", { X: "many # or more" })).toBe(is('must be an integer, is "many"'));
  });

  test("an unset variable is the default, for a string the empty string", () => {
    expect(read(integer({ default: 3 }), "v: ${env:X}")).toBe(3);
    expect(read(choice(["a", "b"], "a"), "v: ${env:X}")).toBe("a");
    expect(read(text({ default: "d" }), "v: ${env:X}")).toBe("");
  });

  test("a mistake in a section is told with its key, and whatever else is no section as it is", () => {
    const fields = section({ a: text(), n: integer() });
    expect(read(fields, 'v: "${X}"', { X: "{a: 1, m: 2}" })).toContain("p::c::v::m: unknown key");
    expect(read(fields, 'v: "${X}"', { X: "[a]" })).toBe(is("must be a map, is a list"));
    expect(read(fields, 'v: "${X}"', { X: "a" })).toBe(is('must be a map, is "a"'));
  });

  test("a value that does not fit is told as it came", () => {
    expect(read(integer(), "v: ${env:X}", { X: "many" })).toBe(is('must be an integer, is "many"'));
  });
});

describe("sections", () => {
  const inner = section({ size: integer({ default: 1 }) });

  test.each([
    ["off", "on", "{}", undefined],
    ["off", "on", "v:", { size: 1 }],
    ["off", "on", "v: {}", { size: 1 }],
    ["off", "off", "v:", undefined],
    ["off", "off", "v: {}", { size: 1 }],
    ["on", "on", "{}", { size: 1 }],
    ["on", "on", "v:", { size: 1 }],
    ["on", "on", "v: {enabled: false, size: 3}", undefined],
    ["on", "on", "v: {enabled: true, size: 3}", { size: 3 }],
  ] as const)("absent %s, empty %s: %s", (absent, empty, source, expected) => {
    expect(read(optionalSection(inner, { absent, empty }), source)).toEqual(expected);
  });

  test("a section that is off is checked all the same, but for limits", () => {
    const limited = section({ size: integer({ min: 1 }), wait: duration({ min: "1s" }), name: text({ default: "a" }) });
    const whole = limited.refine(({ size }) => size > 5, { message: "must be large" });
    const field = optionalSection(whole, { absent: "off", empty: "on" });
    expect(read(field, "v: {enabled: false, size: 0, wait: 1ms}")).toBe(undefined);
    expect(read(field, "v: {enabled: false, size: 3, wait: 1s}")).toBe(undefined);
    expect(read(field, "v: {enabled: false, size: 3, wait: 1s, sice: 1}")).toContain("unknown key; did you mean size?");
    expect(read(optionalSection(inner, { absent: "on", empty: "on" }), "v: {enabled: false, size: x}")).toBe(
      'a.yaml:1:27: Cannot use p::c::v::size: must be an integer, is "x"',
    );
  });

  test("a section that is always on has its defaults when it is absent or empty", () => {
    const field = subsection({ size: integer({ default: 1 }) });
    expect(read(field, "{}")).toEqual({ size: 1 });
    expect(read(field, "v:")).toEqual({ size: 1 });
  });

  test("something else than a map is refused", () => {
    expect(read(inner, "v: 3")).toBe(is("must be a map, is 3"));
    expect(read(optionalSection(inner, { absent: "on", empty: "on" }), "v: [1]")).toBe(is("must be a map, is a list"));
  });

  test("an unknown key stands at its own place, with what was probably meant", () => {
    expect(
      read(
        section({ send_batch_size: integer(), later: notYet("x", "warn") }),
        "v: {send_batch_size: 1, send_batchsize: 2, zz: 3, latr: 1}",
      ),
    ).toBe(
      [
        "a.yaml:1:25: Cannot use p::c::v::send_batchsize: unknown key; did you mean send_batch_size? Known keys: send_batch_size",
        "a.yaml:1:44: Cannot use p::c::v::zz: unknown key; known keys: send_batch_size",
        "a.yaml:1:51: Cannot use p::c::v::latr: unknown key; did you mean later? Known keys: send_batch_size",
      ].join("\n"),
    );
  });
});

describe("keys that come later", () => {
  test("one that only matters is an error", () => {
    expect(read(notYet("profiles over HTTP", "error"), "v: 1")).toBe(
      "a.yaml:1:1: Cannot use p::c::v: known from the Collector and not built yet: profiles over HTTP",
    );
  });

  test("one that can be ignored is a warning, whatever its value", () => {
    const warning = "a.yaml:1:1: warning: Ignoring p::c::v: known from the Collector and not built yet: sampling";
    expect(read(notYet("sampling", "warn"), "v: 1")).toBe(warning);
    expect(read(notYet("sampling", "warn"), "v: {a: [1]}")).toBe(warning);
  });

  test("one that is null is not set", () => {
    expect(read(notYet("sampling", "error"), "v:")).toBeUndefined();
  });
});

describe("secrets", () => {
  test("a secret is shown nowhere and revealed on demand", () => {
    const value = read(secret(), "v: hunter2");
    expect(`${String(value)} ${JSON.stringify({ value })} ${inspect(value)}`).not.toContain("hunter2");
    expect(inspect({ value })).toContain("[REDACTED]");
    expect((value as { reveal(): string }).reveal()).toBe("hunter2");
  });

  test("a secret that does not fit is not shown either", () => {
    expect(read(secret(), "v: 12345")).toBe(is("must be a string, is [REDACTED]"));
    expect(read(secretMap(), "v: {a: 12345}")).toBe(
      "a.yaml:1:8: Cannot use p::c::v::a: must have a string as its value, is [REDACTED]",
    );
  });

  test.each([["v: {X-Key: abc}"], ["v: [{name: X-Key, value: abc}]"], ['v: {x-key: " abc\\t"}']])(
    "headers come from %s",
    (source) => {
      const value = read(headers(), source) as ReadonlyMap<string, { reveal(): string }>;
      expect([...value].map(([name, header]) => [name, header.reveal()])).toEqual([["x-key", "abc"]]);
    },
  );

  test.each([
    ["v: {'a b': secret}", "a.yaml:1:12: Cannot use p::c::v::a b: must be a header name, is [REDACTED]"],
    ["v: [{value: secret}]", "a.yaml:1:5: Cannot use p::c::v::0: must be a header name"],
    [
      'v: {a: "x\\r\\ny"}',
      "a.yaml:1:8: Cannot use p::c::v::a: must be a header value without control characters, is [REDACTED]",
    ],
    ["v: {a: 1}", "a.yaml:1:8: Cannot use p::c::v::a: must have a string as its value, is [REDACTED]"],
    ["v: secret", is("must be a map of header names to values, or a list of {name, value}, is [REDACTED]")],
    [
      "v: {Connection: close}",
      "a.yaml:1:17: Cannot use p::c::v::Connection: must be a header of requests, which HTTP/2 does not keep for its connections, is [REDACTED]",
    ],
  ])("headers from %s are refused without their value", (source, expected) => {
    expect(read(headers(new Set(["connection"])), source)).toBe(expected);
  });
});
