import { expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "./given-migrated.ts";

const file = (extensions: string, exporters: string) => `
extensions:
${extensions}
receivers: {otlp: {protocols: {grpc: }}}
processors: {k8s_attributes: {extract: {metadata: [k8s.pod.name]}}}
exporters:
${exporters}
service:
  extensions: [${[...extensions.matchAll(/^ {2}([\w/]+):/gm)].map(([, id]) => id).join(", ")}]
  pipelines:
    traces: {receivers: [otlp], processors: [k8s_attributes], exporters: [otlp]}
`;

test("what an exporter's authenticator says each time alike is in its headers", async () => {
  const { code, yaml, notes } = await migrated(
    file(
      `  bearertokenauth/cloud: {token: "\${env:TOKEN}"}
  headers_setter:
    headers: [{action: upsert, key: X-Scope-OrgID, value: dev}, {key: X-Team, value: a}]`,
      `  otlp:
    endpoint: tempo:4317
    # by our token
    auth: {authenticator: bearertokenauth/cloud}
    headers: {x: y}
  otlp/2: {endpoint: "b:1", auth: {authenticator: headers_setter}}`,
    ),
  );
  const { exporters, service } = parse(yaml);
  expect(exporters).toEqual({
    otlp_grpc: { endpoint: "tempo:4317", headers: { x: "y", authorization: "Bearer ${env:TOKEN}" } },
    "otlp_grpc/2": { endpoint: "b:1", headers: { "X-Scope-OrgID": "dev", "X-Team": "a" } },
  });
  expect(service.extensions).toEqual([]);
  expect(yaml).toContain("# by our token");
  for (const note of [
    "3: changed: extensions::bearertokenauth/cloud: it is in headers of exporters::otlp",
    "12: changed: exporters::otlp::auth is headers::authorization here",
    "14: changed: exporters::otlp/2::auth is headers::X-Scope-OrgID and headers::X-Team here",
  ])
    expect(notes).toContain(`collector.yaml:${note}`);
  expect(notes).not.toContain("missing");
  expect(code).toBe(0);
});

test.each([
  ["a file", "  bearertokenauth: {filename: /run/token}", "bearertokenauth"],
  ["what the sender said", "  headers_setter: {headers: [{key: a, from_context: b}]}", "headers_setter"],
  ["a name and a password", '  basicauth: {client_auth: {username: u, password: "${env:P}"}}', "basicauth"],
])("an authenticator that takes %s is told and taken out", async (_, extension, id) => {
  const exporter = `  otlp: {endpoint: "a:1", auth: {authenticator: ${id}}}`;
  const { yaml, notes } = await migrated(file(extension, exporter));
  expect(parse(yaml).exporters).toEqual({ otlp_grpc: { endpoint: "a:1" } });
  expect(notes).toContain("missing: exporters::otlp_grpc::auth: ");
  expect(notes).toContain(
    `missing: extensions::${id}: podstamp has no extension "${id}": set \`headers\` of the exporter`,
  );
});

test("a header that is there already is left, and the authenticator told", async () => {
  const exporter = `  otlp: {endpoint: "a:1", headers: {Authorization: x}, auth: {authenticator: bearertokenauth}}`;
  const { yaml, notes } = await migrated(file("  bearertokenauth: {token: t}", exporter));
  expect(parse(yaml).exporters.otlp_grpc.headers).toEqual({ Authorization: "x" });
  expect(notes).toContain("missing: exporters::otlp_grpc::auth: ");
});
