import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { migrated } from "./given-migrated.ts";

const pipelines = (processors: string, exporters = "otlp") =>
  `service: {pipelines: {traces: {receivers: [otlp], processors: [${processors}], exporters: [${exporters}]}}}\n`;

describe("what podstamp has not built yet", () => {
  test("is taken out of exporters setting by setting, with its comments left, and told", async () => {
    const { code, yaml, notes } = await migrated(`
extensions: {oauth2client/cloud: {client_id: a, token_url: "https://login.example"}}
receivers: {otlp: {protocols: {grpc: }}}
processors: {batch: }
exporters:
  otlphttp: &cloud
    endpoint: https://otlp.example
    # by its key
    auth:
      authenticator: oauth2client/cloud # of ours
    headers: {x: y}
  otlp:
    endpoint: tempo:4317
    tls: {insecure_skip_verify: true, tpm: {enabled: true}}
  otlphttp/2:
    <<: *cloud
    compression: zstd
${pipelines("batch", "otlphttp, otlp, otlphttp/2")}`);
    expect(parse(yaml).exporters).toEqual({
      otlp_http: { endpoint: "https://otlp.example", headers: { x: "y" } },
      otlp_grpc: { endpoint: "tempo:4317", tls: { insecure_skip_verify: true } },
      "otlp_http/2": { endpoint: "https://otlp.example", headers: { x: "y" }, compression: "zstd" },
    });
    for (const comment of ["# by its key", "# of ours"]) expect(yaml).toContain(comment);
    expect(notes).toContain(
      "collector.yaml:9: missing: exporters::otlp_http::auth: known from the Collector and not built yet: authenticators; use headers; it is taken out\n",
    );
    expect(notes).toContain("collector.yaml:14: missing: exporters::otlp_grpc::tls::tpm: ");
    expect(code).toBe(0);
  });

  test("takes a processor out as a whole, since a part of its conditions would mean something else", async () => {
    const { code, yaml, notes } = await migrated(`
receivers: {otlp: {protocols: {grpc: }}}
processors:
  # health checks
  filter/ottl:
    error_mode: ignore
    traces: {span: ['attributes["http.route"] == "/healthz"']}
  filter/names: {spans: {exclude: {match_type: strict, span_names: [noise]}}}
  attributes:
    include: {match_type: strict, services: [a], expressions: ["true"]}
    actions: [{key: a, action: delete}]
exporters: {otlp: {endpoint: "tempo:4317", tls: {insecure: true}}}
${pipelines("filter/ottl, filter/names, attributes")}`);
    const { processors, service } = parse(yaml);
    expect(Object.keys(processors)).toEqual(["filter/names"]);
    expect(service.pipelines.traces.processors).toEqual(["filter/names"]);
    expect(yaml).toContain("# health checks");
    expect(notes).toMatch(
      /collector\.yaml:5: missing: processors::filter\/ottl::\w+: .*conditions in OTTL; .*; filter\/ottl is taken out\n/,
    );
    expect(notes.match(/filter\/ottl is taken out/g)).toHaveLength(1);
    expect(notes).toContain("attributes is taken out");
    expect(code).toBe(0);
  });

  test("leaves who may send as it was: podstamp refuses it", async () => {
    const { code, yaml, notes } = await migrated(`
extensions: {oidc: {issuer_url: https://idp.example}}
receivers: {otlp: {protocols: {grpc: {auth: {authenticator: oidc}}}}}
exporters: {otlp: {endpoint: "tempo:4317", tls: {insecure: true}}}
${pipelines("")}`);
    expect(parse(yaml).receivers.otlp.protocols.grpc).toEqual({ auth: { authenticator: "oidc" } });
    expect(notes).toContain("Cannot use receivers::otlp::protocols::grpc::auth: known from the Collector");
    expect(notes).toContain(
      "collector.yaml:3: missing: receivers::otlp::protocols::grpc::auth: podstamp asks nobody who he is. It stays, so that podstamp does not start: take it out once only those reach the endpoint who may send",
    );
    expect(notes).toContain(
      "extensions::oidc: podstamp has no authenticators; see receivers::otlp::protocols::grpc::auth\n",
    );
    expect(code).toBe(1);
  });
});

describe("a variable that is set where podstamp runs, and not here,", () => {
  const file = (more: string) => `
receivers: {otlp: {protocols: {grpc: }}}
processors:
  k8sattributes: {filter: {node_from_env_var: PS_NODE_OF_THE_POD}}
  memory_limiter: {check_interval: 1s, limit_mib: "\${env:PS_LIMIT}"${more}}
exporters: {otlphttp: {endpoint: "\${env:PS_ENDPOINT}"}}
${pipelines("memory_limiter, k8sattributes", "otlphttp")}`;

  test("is warned about, and stops nobody", async () => {
    const { code, notes } = await migrated(file(""));
    for (const warning of [
      'filter::node_from_env_var: must be an environment variable that exists, is "PS_NODE_OF_THE_POD"; its variable is not set here',
      "memory_limiter::limit_mib: must be greater than zero, or limit_percentage must be, is not set; its variable is not set here",
      "otlp_http::endpoint: must be set, ",
    ])
      expect(notes).toMatch(new RegExp(`warning: Cannot use \\S*${warning}`));
    expect(notes).toContain("The configuration is valid\n");
    expect(code).toBe(0);
  });

  test("is told of a file that a reference names, too, and the reference stays as it is", async () => {
    const reference = "Bearer ${file:/var/run/secrets/nowhere/token}";
    const text = file("").replace(
      "exporters: {otlphttp: {",
      `exporters: {otlphttp: {headers: {authorization: "${reference}"}, `,
    );
    const { code, yaml, notes } = await migrated(text);
    expect(yaml).toContain(`"${reference}"`);
    expect(notes).toContain(
      'warning: Cannot use exporters::otlp_http::headers::authorization: cannot read "/var/run/secrets/nowhere/token": there is no such file; its file is read where podstamp runs',
    );
    expect(code).toBe(0);
  });

  test("hides no mistake beside it", async () => {
    const { code, notes } = await migrated(file(", spike_limit_mib: many"));
    expect(notes).toMatch(/\d: Cannot use processors::memory_limiter::spike_limit_mib: /);
    expect(code).toBe(1);
  });
});
