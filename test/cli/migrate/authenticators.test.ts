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
  [
    "the token of a file, which goes before one that is written",
    "bearertokenauth: {token: t, scheme: Token, filename: /run/secrets/token}",
    "Token ${file:/run/secrets/token}",
    "here: the file is read at the start and with each reload, so reload podstamp when its token is renewed",
  ],
  ["a name and a password", 'basicauth: {client_auth: {username: "ü", password: "p:w"}}', "Basic w7w6cDp3", "here\n"],
  [
    "a password of a variable",
    'basicauth/cloud-2: {client_auth: {username: u, password: "${env:P}"}}',
    "Basic ${env:BASIC_AUTH_CLOUD_2}",
    'here: set BASIC_AUTH_CLOUD_2 to what `printf %s "NAME:PASSWORD" | base64 -w0` writes',
  ],
  [
    "a password of a file",
    "basicauth: {client_auth: {username: u, password_file: /run/secrets/p}}",
    "Basic ${env:BASIC_AUTH}",
    "here: set BASIC_AUTH to what",
  ],
])(
  "%s is in the exporter's header, and a secret that stood elsewhere still does",
  async (_, extension, value, hint) => {
    const id = extension.split(":", 1)[0] ?? "";
    const exporter = `  otlp: {endpoint: "a:1", auth: {authenticator: ${id}}}`;
    const { code, yaml, notes } = await migrated(
      file(`  ${extension}`, exporter).replace(/extensions: \[.*\]/, `extensions: [${id}]`),
    );
    expect(parse(yaml).exporters).toEqual({ otlp_grpc: { endpoint: "a:1", headers: { authorization: value } } });
    expect(notes).toContain(`changed: exporters::otlp::auth is headers::authorization ${hint}`);
    expect(notes).not.toContain("missing");
    expect(code).toBe(0);
  },
);

test.each([
  ["a file that a variable names", '  bearertokenauth: {filename: "${env:TOKEN_FILE}"}', "bearertokenauth"],
  ["what the sender said", "  headers_setter: {headers: [{key: a, from_context: b}]}", "headers_setter"],
  ["names and passwords of others", "  basicauth: {htpasswd: {file: /etc/htpasswd}}", "basicauth"],
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
