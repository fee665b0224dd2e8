import https from "node:https";
import { once } from "node:events";
import { rmSync } from "node:fs";
import http2 from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server as TlsServer, TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { createHttpClient } from "../../../src/net/http1/client.ts";
import type { Proxy } from "../../../src/net/socket/proxy.ts";
import { clientTls, serverTls } from "../../../src/net/socket/tls.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { message } from "../../support/grpc/serving.ts";
import { transports } from "../../support/grpc/transports.ts";
import { testHost } from "../../support/agent/host.ts";
import { hasOpenssl } from "../../support/net/certificates.ts";
import { forwardProxy } from "../../support/net/forward-proxy.ts";
import { fingerprintOf, lendCertificates, renewedFiles } from "../../support/net/renewing.ts";

describe.skipIf(!hasOpenssl)("files of TLS that are read again (skipped without openssl)", () => {
  test("what is gone, half written or of another key leaves the old in use, and is told once for each change", async () => {
    const [first, second] = [lendCertificates(), lendCertificates()];
    const files = renewedFiles(first);
    const { cert_file, key_file } = files;
    const host = testHost("otlp");
    const { renewed } = serverTls({ cert_file, key_file, reload_interval: 1 }, host.log);
    let seen = 0;
    const told = () => {
      const since = host.logged.slice(seen);
      seen = host.logged.length;
      return since.map(({ level, fields }) => [level, fields["error"] ?? ""]);
    };
    const use = async () => {
      await sleep(3);
      return renewed?.().cert?.toString();
    };
    expect(await use()).toBe(first.cert.toString());
    expect(told()).toEqual([]);
    const wrong: readonly (readonly [() => void, RegExp])[] = [
      [() => files.write("cert", second.cert), /must have certificates and keys in PEM that belong together/],
      [() => files.write("cert", second.cert.subarray(0, 200)), /must have certificates and keys in PEM/],
      [() => rmSync(cert_file), /Cannot use tls\.cert_file: must be a file that can be read, is .*ENOENT/],
    ];
    for (const [spoil, why] of wrong) {
      spoil();
      for (let time = 0; time < 3; time++) expect(await use()).toBe(first.cert.toString());
      expect(told()).toEqual([["warn", expect.stringMatching(why)]]);
    }
    files.renew(second);
    for (let time = 0; time < 3; time++) expect(await use()).toBe(second.cert.toString());
    expect(told()).toEqual([["info", ""]]);
  });

  test("what was wrong is tried again after a second, however long the interval is", async () => {
    const [first, second] = [lendCertificates(), lendCertificates()];
    const { cert_file, key_file, renew, write } = renewedFiles(first);
    const { renewed } = serverTls({ cert_file, key_file, reload_interval: 2000 });
    write("cert", second.cert);
    await sleep(2010);
    expect(renewed?.().cert).toEqual(first.cert);
    renew(second);
    expect(renewed?.().cert).toEqual(first.cert);
    await sleep(1010);
    expect(renewed?.().cert).toEqual(second.cert);
  });

  /** A server that wants certificates and notes them. */
  async function asking(server: TlsServer): Promise<{ readonly port: number; readonly seen: string[] }> {
    const seen: string[] = [];
    const sockets = new Set<TLSSocket>();
    server.on("secureConnection", (socket: TLSSocket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      seen.push(socket.getPeerCertificate().fingerprint256);
    });
    await once((server as Server).listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, seen };
  }

  test.each(transports)("a gRPC client on %s shows the new certificate when it connects", async (transport) => {
    const [own, first, second] = [lendCertificates(), lendCertificates(), lendCertificates()];
    const { cert_file, key_file, renew } = renewedFiles(first);
    const { cert, key } = own;
    const server = http2.createSecureServer({ cert, key, requestCert: true, rejectUnauthorized: false });
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
    });
    const { port, seen } = await asking(server);
    const secure = clientTls({ ca_file: own.caFile, cert_file, key_file, reload_interval: 1 });
    const connect = connecting(transport);
    for (const balancing of ["pick_first", "round_robin"] as const) {
      renew(first);
      await sleep(5);
      const address = `localhost:${port}`;
      const resolve = () => Promise.resolve(["127.0.0.1"]);
      const call = () => connect(address, { tls: secure, balancing, resolve }).call(request(message));
      expect((await call()).status.code).toBe(12);
      renew(second);
      await sleep(5);
      expect((await call()).status.code).toBe(12);
      expect(seen.splice(0)).toEqual([fingerprintOf(first), fingerprintOf(second)]);
    }
  });

  test.each(["at once", "through a proxy"])("an HTTP client that connects %s shows the new one", async (way) => {
    const [own, first, second] = [lendCertificates(), lendCertificates(), lendCertificates()];
    const { cert_file, key_file, renew } = renewedFiles(first);
    const { cert, key } = own;
    const server = https.createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (asked, answer) => {
      asked.resume();
      answer.end();
    });
    const { port, seen } = await asking(server);
    const forward = await forwardProxy({});
    onTestFinished(() => forward.stop());
    const [host = "", proxyPort] = forward.address.split(":");
    const proxy: Proxy = { host, port: Number(proxyPort), isSecure: false, authorization: undefined };
    const url = new URL(`https://127.0.0.1:${port}/`);
    const client = createHttpClient({
      urls: [url],
      tls: clientTls({ ca_file: own.caFile, cert_file, key_file, reload_interval: 1 }, { scheme: "https" }),
      proxyFor: () => (way === "at once" ? undefined : proxy),
      userAgent: "podstamp/test",
      keepAlive: false,
      maxIdle: 1,
      maxOpen: 1,
      maxIdleMs: 0,
      maxResponseBytes: 1024,
    });
    onTestFinished(() => client.close());
    const { signal } = new AbortController();
    for (const current of [first, first, second]) {
      renew(current);
      await sleep(5);
      const outcome = await client.post({ url, headers: {}, body: Buffer.from("x"), timeoutMs: 15_000, signal });
      expect(outcome).toMatchObject({ kind: "answered", status: 200 });
    }
    expect(seen).toEqual([first, first, second].map(fingerprintOf));
  });
});
