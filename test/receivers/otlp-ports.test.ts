import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { accepted } from "../../src/pipeline/contract.ts";
import { hasOpenssl, makeCertificates } from "../support/net/certificates.ts";
import { grpcClient } from "../support/grpc/peer.ts";
import { json, protobuf, trace } from "./one-span.ts";
import { exchange } from "../support/net/exchange.ts";
import { lendReceiver as receive, post } from "./receiving.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "podstamp-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("a client at the wrong port", () => {
  test("that speaks HTTP/1.1 to gRPC is told where to go, and so is the log, once", async () => {
    const { grpc, host } = await receive();
    const first = await post(grpc, trace, { headers: json });
    expect({ status: first.status, body: first.body.toString() }).toEqual({
      status: 400,
      body: "This is the port of OTLP/gRPC; OTLP/HTTP is on 127.0.0.1:0\n",
    });
    await post(grpc, trace, { headers: json });
    expect(host.logged.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        message: "A client speaks HTTP/1.1 to the gRPC port; OTLP/HTTP is on 127.0.0.1:0",
        fields: { peer: "127.0.0.1" },
      },
    ]);
    expect(
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: "grpc", reason: "wrong_protocol" }),
    ).toBe(2);
  });

  test("that speaks TLS to gRPC is named in the log", async () => {
    const { grpc, host } = await receive();
    const tls = http2.connect(`https://${grpc}`, { rejectUnauthorized: false });
    await new Promise((resolve) => tls.on("error", () => {}).once("close", resolve));
    expect(host.logged.at(-1)).toEqual({
      level: "warn",
      message: "A client speaks TLS to the gRPC port, which has none: set tls here, or insecure there",
      fields: { peer: "127.0.0.1" },
    });
  });

  test.skipIf(!hasOpenssl)(
    "that speaks no TLS where TLS is, is named in the log (skipped without openssl)",
    async () => {
      const { cert, key, remove } = makeCertificates();
      onTestFinished(remove);
      // Empty is as if it were not there, as in the Collector.
      const none = { cert_file: "", key_file: "", min_version: "", max_version: "" };
      const tls = { ...none, cert_pem: cert.toString(), key_pem: key.toString() };
      const { grpc, http, host } = await receive(undefined, { grpc: { tls }, http: { tls } });
      for (const address of [grpc, http]) await exchange(address, "POST / HTTP/1.1\r\nhost: x\r\n\r\n");
      expect(host.logged.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
        "A client speaks without TLS to the gRPC port, which has it",
        "A client speaks without TLS to the HTTP port, which has it",
      ]);
    },
  );

  test("that speaks gRPC to HTTP is named in the log", async () => {
    const { http, host } = await receive();
    const client = grpcClient(http);
    onTestFinished(() => client.close());
    expect((await client.call(protobuf, { deadlineMs: 3000 })).code).not.toBe(0);
    expect(host.logged.at(-1)).toEqual({
      level: "warn",
      message: "A client speaks HTTP/2 to the HTTP port; OTLP/gRPC is on 127.0.0.1:0",
      fields: { peer: "127.0.0.1" },
    });
  });
});

describe("on a unix socket", () => {
  test("both protocols take clients, without an address, with mode, and the files go with them", async () => {
    const paths = { grpc: join(folder(), "grpc.sock"), http: join(folder(), "http.sock") };
    const { batches, stop } = await receive(() => accepted, {
      grpc: { transport: "unix", endpoint: paths.grpc, mode: "0600" },
      http: {
        transport: "unix",
        endpoint: `unix://${paths.http}`,
        mode: "0666",
        group: String(process.getgid?.() ?? 0),
      },
    });
    expect([paths.grpc, paths.http].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o666]);
    const client = grpcClient(`unix:${paths.grpc}`);
    onTestFinished(() => client.close());
    expect((await client.call(protobuf)).code).toBe(0);
    const answer = await post(paths.http, trace, { headers: json });
    expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 200, body: "{}" });
    expect(batches.map((batch) => [batch.items, batch.peer])).toEqual([
      [1, undefined],
      [1, undefined],
    ]);
    client.close();
    await stop(AbortSignal.abort());
    expect([paths.grpc, paths.http].map((path) => existsSync(path))).toEqual([false, false]);
  });
});
