import { createServer as createTlsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { hasOpenssl, makeCertificates } from "../../../support/net/certificates.ts";
import { grpcServer, type PeerReply } from "../../../support/grpc/peer.ts";
import { httpPeer } from "../../../support/net/http-peer.ts";
import { lendSink } from "../../../support/lend.ts";
import { configWith, doctor, of, todoOf } from "../given-doctor.ts";

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

test("one that sends to its own podstamp is told, though that takes what it is sent", async () => {
  const exporters = '{otlp_grpc: {endpoint: "localhost:14999", tls: {insecure: true}}}';
  const receivers = '{otlp: {protocols: {grpc: {endpoint: "0.0.0.0:14999"}}}}';
  const [finding] = of("exporter", await doctor(["--config", configWith(exporters, { receivers })]));
  expect(finding).toMatchObject({ status: "problem", text: expect.stringContaining("it comes back") as unknown });
  expect(todoOf(finding)).toContain("listen at another port");
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

/** An HTTPS server of these names, and the authority that vouches for it; `asks` is whether clients must show a certificate. */
async function givenTls({ names, asks = false }: { names?: readonly string[]; asks?: boolean } = {}) {
  const certificates = makeCertificates(names);
  const { cert, key, caFile } = certificates;
  const server = createTlsServer({ cert, key, requestCert: asks, rejectUnauthorized: asks }, (_, reply) => reply.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    certificates.remove();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === "object" ? address?.port : 0, caFile };
}

describe.skipIf(!hasOpenssl)("with TLS (skipped without openssl)", () => {
  test("and a known authority it is well", async () => {
    const { port, caFile } = await givenTls();
    const { status } = await found(`{otlp_http: {endpoint: "https://127.0.0.1:${port}", tls: {ca_file: "${caFile}"}}}`);
    expect(status).toBe("ok");
  });

  test("an authority that nobody knows is to be named", async () => {
    const { port } = await givenTls();
    const { todo } = await found(`{otlp_http: {endpoint: "https://127.0.0.1:${port}"}}`);
    expect(todo).toContain("tls: {ca_file: FILE}");
  });

  test("a certificate of another name is told", async () => {
    const { port, caFile } = await givenTls({ names: ["other.example"] });
    const { todo } = await found(`{otlp_http: {endpoint: "https://localhost:${port}", tls: {ca_file: "${caFile}"}}}`);
    expect(todo).toContain("server_name_override");
  });

  test("a certificate of ours that is wanted is told", async () => {
    const { port, caFile } = await givenTls({ asks: true });
    const { todo } = await found(`{otlp_http: {endpoint: "https://127.0.0.1:${port}", tls: {ca_file: "${caFile}"}}}`);
    expect(todo).toContain("cert_file: FILE, key_file: FILE");
  });

  test("sent to without it says that it wants it", async () => {
    const { port } = await givenTls();
    const { todo } = await found(`{otlp_grpc: {endpoint: "127.0.0.1:${port}", tls: {insecure: true}}}`);
    expect(todo).toContain("take insecure: true out");
  });

  test("a port of HTTPS is no port of gRPC", async () => {
    const { port, caFile } = await givenTls();
    const { todo } = await found(`{otlp_grpc: {endpoint: "127.0.0.1:${port}", tls: {ca_file: "${caFile}"}}}`);
    expect(todo).toContain("use otlp_http");
  });
});

describe("without TLS", () => {
  const grpc = async (reply: PeerReply) => {
    const server = await grpcServer(() => reply);
    onTestFinished(() => server.stop());
    return server.address;
  };
  const nothing: PeerReply = { body: Buffer.alloc(0) };

  test("one that is sent TLS says that it speaks none", async () => {
    const { todo } = await found(`{otlp_grpc: {endpoint: "${await grpc(nothing)}"}}`);
    expect(todo).toContain("insecure: true");
  });

  test("a port of gRPC is no port of HTTP", async () => {
    const { todo } = await found(`{otlp_http: {endpoint: "http://${await grpc(nothing)}"}}`);
    expect(todo).toContain("use otlp_grpc");
  });

  test("one that says that it is for gRPC is no port of HTTP either", async () => {
    const said = "This is the port of OTLP/gRPC; OTLP/HTTP is on 127.0.0.1:4318";
    const peer = await httpPeer(() => ({ status: 400, headers: { "content-type": "text/plain" }, body: said }));
    onTestFinished(() => peer.stop());
    const { text, todo } = await found(`{otlp_http: {endpoint: "http://127.0.0.1:${peer.port}"}}`);
    expect(text).toContain(said);
    expect(todo).toContain("use otlp_grpc");
  });

  test("a proxy that cannot be reached is what is to be looked at", async () => {
    const { todo } = await found(`{otlp_http: {endpoint: "http://127.0.0.1:9", proxy_url: "http://127.0.0.1:1"}}`);
    expect(todo).toContain("see the proxy");
  });

  test("one that does not take the signal is told", async () => {
    const address = await grpc({ code: 12, details: "unknown service" });
    const { todo } = await found(`{otlp_grpc: {endpoint: "${address}", tls: {insecure: true}}}`);
    expect(todo).toContain("does not take this signal");
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
