import { expect, test } from "vitest";
import { checkConfig } from "../../../src/config/check.ts";
import { parseTree } from "../../../src/config/document/tree.ts";
import { components } from "../../../src/components.ts";

/** What is said of a file in which one tls section has these settings. */
function saidOf(
  section: "grpc" | "http" | "otlp_grpc" | "otlp_http" | "health_check",
  settings: string,
): readonly string[] {
  const tls = (of: string, own = "") =>
    of === section ? `tls: {${own}${settings}}` : own === "" ? "" : `tls: {${own}}`;
  const own = "cert_file: a, key_file: b, ";
  const yaml = `
receivers: {otlp: {protocols: {grpc: {${tls("grpc", own)}}, http: {${tls("http", own)}}}}}
exporters:
  otlp_grpc: {endpoint: "a:4317", ${tls("otlp_grpc")}}
  otlp_http: {endpoint: "https://a:4318", ${tls("otlp_http")}}
extensions: {health_check: {${tls("health_check", own)}}}
service: {extensions: [health_check], pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc, otlp_http]}}}`;
  const { tree } = parseTree("a.yaml", yaml);
  if (tree === undefined) throw new Error(`Cannot read ${yaml}`);
  return checkConfig(tree, components, {}).problems.map(({ severity, message }) => `${severity}: ${message}`);
}

test.each([
  ["grpc", "receivers::otlp::protocols::grpc::tls"],
  ["http", "receivers::otlp::protocols::http::tls"],
  ["otlp_grpc", "exporters::otlp_grpc::tls"],
  ["otlp_http", "exporters::otlp_http::tls"],
  ["health_check", "extensions::health_check::tls"],
] as const)("weak TLS is allowed by name, with a warning (%s)", (section, path) => {
  const weak = "TLS_RSA_WITH_AES_128_CBC_SHA";
  const suites = `cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ${weak}]`;
  expect(saidOf(section, `${suites}, include_insecure_cipher_suites: true`)).toEqual([
    `warning: ${path}::cipher_suites has some that are known to be weak: ${weak}`,
  ]);
  expect(saidOf(section, suites)).toEqual([
    `error: Cannot use ${path}::cipher_suites::1: must have include_insecure_cipher_suites: true: it is weak, is "${weak}"`,
  ]);
  expect(saidOf(section, "include_insecure_cipher_suites: true, curve_preferences: [X25519, P256]")).toEqual([
    `warning: ${path}::include_insecure_cipher_suites does nothing unless cipher_suites names such suites, as in the Collector`,
  ]);
  expect(saidOf(section, "min_version: '1.1'")).toEqual([
    `warning: ${path}::min_version lets TLS 1.1 be spoken, which is known to be weak, and smaller keys be used with all versions`,
  ]);
  expect(saidOf(section, "curve_preferences: [prime256v1]")).toEqual([
    `error: Cannot use ${path}::curve_preferences::0: must be one of P256, P384, P521, X25519, X25519MLKEM768, is "prime256v1"`,
  ]);
});
