import { credentials, Metadata } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { ExportTraceServiceRequest } from "../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";
import { runInProcess } from "../support/agent/in-process.ts";
import { jsonRequest, postJson, startJsonBackend } from "../support/otlp/json-backend.ts";
import { lendRuntime } from "../support/lend.ts";
import { freePort } from "../support/net/ports.ts";
import { trustedProxies } from "../../src/receivers/otlp/trusted-proxies.ts";
import { TraceServiceClient } from "../support/grpc/clients.ts";

function sender(trusted: readonly string[], peer: string | undefined, forwardedFor?: string): string | undefined {
  return trustedProxies().parse(trusted)(peer, () => forwardedFor);
}

describe("X-Forwarded-For", () => {
  test.each([
    [[], "10.0.0.1", "10.9.9.9", "10.0.0.1"],
    [["10.0.0.2"], "10.0.0.1", "10.9.9.9", "10.0.0.1"],
    [["10.0.0.1"], "10.0.0.1", "10.9.9.9", "10.9.9.9"],
    [["10.0.0.0/24"], "10.0.0.1", "10.9.9.9, 10.0.0.7", "10.9.9.9"],
    [["10.0.0.0/24"], "10.0.0.1", "6.6.6.6, 10.9.9.9, 10.0.0.7", "10.9.9.9"],
    [["10.0.0.0/24"], "10.0.0.1", "10.0.0.9, 10.0.0.7", "10.0.0.9"],
    [["10.0.0.1"], "10.0.0.1", undefined, "10.0.0.1"],
    [["10.0.0.1"], "10.0.0.1", "", "10.0.0.1"],
    [["10.0.0.1"], "10.0.0.1", "unknown", undefined],
    [["10.0.0.1"], "10.0.0.1", "10.9.9.9, unknown", undefined],
    [["10.0.0.1"], "10.0.0.1", "unknown, 10.9.9.9", "10.9.9.9"],
    [["10.0.0.1"], "10.0.0.1", "10.9.9.9, , 10.0.0.1,", "10.9.9.9"],
    [["10.0.0.1"], "10.0.0.1", "10.9.9.9:4711", "10.9.9.9"],
    [["::1", "fd00::/8"], "::1", "2001:db8::1, [fd00::7]:80", "2001:db8::1"],
    [["10.0.0.1"], "10.0.0.1", "::ffff:10.9.9.9", "10.9.9.9"],
    [["fe80::/10"], "fe80::1%eth0", "10.9.9.9", "10.9.9.9"],
    [["0.0.0.0/0"], undefined, "10.9.9.9", undefined],
    [["0.0.0.0/0"], "10.0.0.1", `1.1.1.1, ${"10.0.0.2, ".repeat(1000)}10.0.0.3`, "10.0.0.2"],
  ])("of %j from %s, which says %s, is %s", (trusted, peer, said, is) => {
    expect(sender(trusted, peer, said)).toBe(is);
  });

  test.each(["proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "fd00::/129", "", 7, "10.0.0"])(
    "is believed of addresses and ranges only: %j is none",
    (item) => {
      expect(trustedProxies().safeParse([item]).error?.issues[0]?.message).toBe(
        "must be an address or a range such as 10.0.0.0/8",
      );
    },
  );
});

test.each(["node", "native"])(
  "a request that a trusted proxy passes on is of the pod that sent it, over HTTP and gRPC (%s)",
  async (transport) => {
    const pods = [{ name: "web-1", namespace: "shop", ip: "10.1.0.1", containers: [{ name: "web" }] }];
    const runtime = await lendRuntime({ pods });
    const backend = await startJsonBackend();
    onTestFinished(() => backend.stop());
    const [grpcPort, httpPort] = [await freePort(), await freePort()];
    const trusted_proxies = ["127.0.0.1"];
    await runInProcess(
      stringify({
        receivers: {
          otlp: {
            protocols: {
              grpc: { endpoint: `127.0.0.1:${grpcPort}`, transport, trusted_proxies },
              http: { endpoint: `127.0.0.1:${httpPort}`, trusted_proxies },
            },
          },
        },
        processors: { k8s_attributes: { runtimes: [{ type: "cri", endpoint: runtime.endpoint }] } },
        exporters: { otlp_http: { endpoint: backend.endpoint, encoding: "json", compression: "none" } },
        service: {
          telemetry: { metrics: { level: "none" } },
          pipelines: { traces: { receivers: ["otlp"], processors: ["k8s_attributes"], exporters: ["otlp_http"] } },
        },
      }),
    );
    const headers = { "x-forwarded-for": "10.1.0.1" };
    const post = (scope: string, more: Readonly<Record<string, string>>) =>
      postJson({
        port: httpPort,
        signal: "traces",
        body: jsonRequest("traces", {}, scope),
        from: "127.0.0.1",
        headers: more,
      });
    expect(await post("http", headers)).toBe(200);
    expect(await backend.resourceOf("traces", "http")).toMatchObject({ "k8s.pod.name": "web-1" });
    expect(await post("bare", {})).toBe(200);
    expect(await backend.resourceOf("traces", "bare")).not.toHaveProperty("k8s.pod.name");
    const client = new TraceServiceClient(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const metadata = new Metadata();
    metadata.set("x-forwarded-for", "10.1.0.1");
    const request = ExportTraceServiceRequest.fromPartial({
      resourceSpans: [{ scopeSpans: [{ scope: { name: "grpc" }, spans: [{ name: "a" }] }] }],
    });
    await new Promise((resolve, reject) =>
      client.export(request, metadata, (error, answer) => (error === null ? resolve(answer) : reject(error))),
    );
    expect(await backend.resourceOf("traces", "grpc")).toMatchObject({ "k8s.pod.name": "web-1" });
  },
);
