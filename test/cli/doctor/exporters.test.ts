import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasOpenssl, makeCertificates } from "../../support/certificates.ts";
import { grpcServer } from "../../support/grpc-peer.ts";
import { httpPeer } from "../../support/http-peer.ts";
import { lendSink } from "../../support/lend.ts";
import { configWith, doctor, of, todoOf } from "./given-doctor.ts";

/** What doctor finds of an exporter. */
async function found(exporters: string) {
  const [finding] = of("exporter", await doctor(["--config", configWith(exporters)]));
  return { status: finding?.status, text: finding?.text ?? "", todo: todoOf(finding) };
}

test("a destination that takes an empty request is well", async () => {
  const sink = await lendSink();
  const { status, text } = await found(`{otlp_grpc: {endpoint: "${sink.address}", tls: {insecure: true}}}`);
  expect({ status, text }).toEqual({
    status: "ok",
    text: expect.stringMatching(/^exporters::otlp_grpc: traces: an empty request was taken within \d+ ms$/),
  });
  expect(sink.received()).toEqual([]);
});

test("one over HTTP is asked at its path, with its headers", async () => {
  const peer = await httpPeer();
  onTestFinished(() => peer.stop());
  const { status } = await found(`{otlp_http: {endpoint: "${peer.url}", headers: {x-key: k1}}}`);
  expect(status).toBe("ok");
  expect(peer.posted.map(({ path, headers }) => [path, headers["x-key"]])).toEqual([["/v1/traces", "k1"]]);
});

test.each([
  [
    "nothing listens",
    `{otlp_grpc: {endpoint: "127.0.0.1:1", tls: {insecure: true}}}`,
    /ECONNREFUSED/,
    /nothing listens there/,
  ],
  [
    "a name that is none",
    `{otlp_grpc: {endpoint: "no.such.name.invalid:4317"}}`,
    /no\.such\.name\.invalid/,
    /whether DNS answers/,
  ],
  [
    "nothing listens for HTTP",
    `{otlp_http: {endpoint: "http://127.0.0.1:1"}}`,
    /ECONNREFUSED/,
    /nothing listens there/,
  ],
])("%s", async (_, exporters, text, todo) => {
  const finding = await found(exporters);
  expect(finding).toEqual({ status: "problem", text: expect.stringMatching(text), todo: expect.stringMatching(todo) });
});

test("one that takes the connection and is silent is told within the limit", async () => {
  const open = new Set<Socket>();
  const server = createServer((socket) => void open.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const finding = await found(`{otlp_grpc: {endpoint: "127.0.0.1:${port}", tls: {insecure: true}}}`);
  expect(finding.status).toBe("problem");
  expect(finding.todo).toContain("nothing answers there");
});

describe("TLS", () => {
  const given = async () => {
    const certificates = makeCertificates();
    const peer = await httpPeer(undefined, { tls: certificates });
    onTestFinished(async () => {
      certificates.remove();
      await peer.stop();
    });
    return { ...certificates, port: peer.port };
  };

  test.skipIf(!hasOpenssl)("of an authority that nobody knows asks for its ca_file", async () => {
    const { port } = await given();
    const finding = await found(`{otlp_http: {endpoint: "https://127.0.0.1:${port}"}}`);
    expect(finding.status).toBe("problem");
    expect(finding.todo).toContain("ca_file");
  });

  test.skipIf(!hasOpenssl)("with it is well", async () => {
    const { port, caFile } = await given();
    const { status } = await found(`{otlp_http: {endpoint: "https://127.0.0.1:${port}", tls: {ca_file: "${caFile}"}}}`);
    expect(status).toBe("ok");
  });

  test("to a port without it asks for insecure", async () => {
    const server = await grpcServer(() => ({ body: Buffer.alloc(0) }));
    onTestFinished(() => server.stop());
    const finding = await found(`{otlp_grpc: {endpoint: "${server.address}"}}`);
    expect(finding.status).toBe("problem");
    expect(finding.todo).toContain("insecure: true");
  });
});

test("one that refuses the key says so, and no secret is shown", async () => {
  const peer = await httpPeer(() => ({ status: 401, body: "who are you" }));
  onTestFinished(() => peer.stop());
  const file = configWith(
    `{otlp_http: {endpoint: "http://someone:pa55word@127.0.0.1:${peer.port}", headers: {authorization: "Bearer s3cret"}}}`,
  );
  const examined = await doctor(["--config", file]);
  const [finding] = of("exporter", examined);
  expect(finding?.text).toContain("HTTP 401");
  expect(todoOf(finding)).toContain("key or token");
  expect(examined.out).not.toMatch(/s3cret|pa55word/);
});
