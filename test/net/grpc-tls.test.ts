import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getActiveResourcesInfo } from "node:process";
import tls, { rootCertificates } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import { clientTls, serverTls } from "../../src/net/socket/tls.ts";
import { createServer } from "../../src/net/transport-choice.ts";
import { eventually } from "../support/eventually.ts";
import { connecting, servePeer } from "../support/grpc/calling.ts";
import { request, serverOptions, tracesPath } from "../support/grpc/peer.ts";
import { message } from "../support/grpc/serving.ts";
import { preface, settings } from "../support/http2/frames.ts";
import { transports } from "../support/grpc/transports.ts";
import { makeCertificates } from "../support/net/certificates.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

function certificates(): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const openssl = (...parameters: string[]): void => {
    const { status, stderr } = spawnSync("openssl", parameters, { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test ca");
  for (const name of ["server", "client"]) {
    openssl(
      "req",
      "-x509",
      ...key,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
      "-subj",
      `/CN=${name}`,
      "-addext",
      "subjectAltName=DNS:backend.test,IP:127.0.0.1",
    );
  }
  return folder;
}

describe.skipIf(!hasOpenssl).each(transports)(
  "TLS on %s, with certificates made by openssl (skipped without it)",
  (transport) => {
    const connect = connecting(transport);

    test("our client trusts a grpc-js server by its ca_file", async () => {
      const folder = certificates();
      const read = (name: string): Buffer => readFileSync(join(folder, name));
      const server = await servePeer(undefined, {
        credentials: ServerCredentials.createSsl(null, [
          { cert_chain: read("server.pem"), private_key: read("server.key") },
        ]),
      });
      const trusting = connect(server.address, { tls: clientTls({ ca_file: join(folder, "ca.pem") }) });
      expect((await trusting.call(request(message))).status).toEqual(ok);
      const named = connect(server.address, {
        tls: clientTls({ ca_pem: read("ca.pem").toString(), server_name_override: "backend.test" }),
      });
      expect((await named.call(request(message))).status).toEqual(ok);
      const misnamed = connect(server.address, {
        tls: clientTls({ ca_file: join(folder, "ca.pem"), server_name_override: "other.test" }),
      });
      expect((await misnamed.call(request(message))).status).toMatchObject({
        code: Code.UNAVAILABLE,
        message: expect.stringMatching(/other\.test/),
      });
      const doubting = connect(server.address, { tls: clientTls({}) });
      expect((await doubting.call(request(message))).status).toMatchObject({
        code: Code.UNAVAILABLE,
        message: expect.stringMatching(/certificate.* \(tls\.ca_file names the authority to trust\)$/),
      });
      const careless = connect(server.address, { tls: clientTls({ insecure_skip_verify: true }) });
      expect((await careless.call(request(message))).status).toEqual(ok);
    });

    test("our server wants a client certificate when it has a client_ca_file", async () => {
      const folder = certificates();
      const file = (name: string): string => join(folder, name);
      const tls = serverTls({
        cert_file: file("server.pem"),
        key_file: file("server.key"),
        client_ca_file: file("ca.pem"),
      });
      const server = createServer(
        serverOptions({ transport, tls }),
        new Map([[tracesPath, async () => ({ status: ok })]]),
      );
      const address = await server.start();
      onTestFinished(() => server.stop(AbortSignal.abort()));
      const known = connect(address, {
        tls: clientTls({ ca_file: file("ca.pem"), cert_file: file("client.pem"), key_file: file("client.key") }),
      });
      expect((await known.call(request(message))).status).toEqual(ok);
      const stranger = connect(address, { tls: clientTls({ ca_file: file("ca.pem") }) });
      expect((await stranger.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
      expect((await known.call(request(message))).status).toEqual(ok);
    });

    test("our server ends a connection that is to be negotiated anew, which HTTP/2 forbids", async () => {
      const folder = certificates();
      const file = (name: string): string => join(folder, name);
      const server = createServer(
        serverOptions({ transport, tls: serverTls({ cert_file: file("server.pem"), key_file: file("server.key") }) }),
        new Map(),
      );
      const address = await server.start();
      onTestFinished(() => server.stop(AbortSignal.abort()));
      const socket = tls.connect({
        port: Number(address.split(":")[1]),
        maxVersion: "TLSv1.2",
        rejectUnauthorized: false,
        ALPNProtocols: ["h2"],
      });
      onTestFinished(() => void socket.destroy());
      await once(socket, "secureConnect");
      socket.on("error", () => {});
      socket.resume().write(Buffer.concat([preface, settings()]));
      await once(socket, "data");
      const closed = once(socket, "close");
      let isRenewed = false;
      socket.renegotiate({}, (error) => {
        isRenewed = error === null;
      });
      await closed;
      expect(isRenewed).toBe(false);
    });

    test("our server tells a client that does not agree to HTTP/2 so, and keeps nothing of it though it does not hang up", async () => {
      const folder = certificates();
      const file = (name: string): string => join(folder, name);
      const refusals: string[] = [];
      const server = createServer(
        serverOptions({
          transport,
          tls: serverTls({ cert_file: file("server.pem"), key_file: file("server.key") }),
          onRefusal: (refusal) => refusals.push(refusal),
        }),
        new Map(),
      );
      const address = await server.start();
      onTestFinished(() => server.stop(AbortSignal.abort()));
      const sockets = (): number => getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
      const before = sockets();
      // Node's types do not have allowHalfOpen here, and Node does.
      const halfOpen = { port: Number(address.split(":")[1]), allowHalfOpen: true, rejectUnauthorized: false };
      const socket = tls.connect(halfOpen);
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      await once(socket, "secureConnect");
      const asking = setInterval(() => socket.writable && socket.write("GET / HTTP/1.1\r\nhost: here\r\n\r\n"), 100);
      onTestFinished(() => clearInterval(asking));
      await eventually(() => answer.includes("\r\n\r\nThis port speaks gRPC"), { what: "the answer" });
      expect(sockets()).toBe(before + 2);
      await eventually(() => sockets() <= before + 1, { what: "the end of the server's side" });
      expect(refusals).toEqual(["wrong_protocol"]);
    });

    test("TLS against a server without it is explained", async () => {
      const server = await servePeer();
      const { status } = await connect(server.address, { tls: clientTls({}) }).call(request(message));
      expect(status).toMatchObject({ code: Code.UNAVAILABLE, message: expect.stringMatching(/tls\.insecure/) });
    });

    test("no TLS against a server that wants it is explained", async () => {
      const folder = certificates();
      const read = (name: string): Buffer => readFileSync(join(folder, name));
      const server = await servePeer(undefined, {
        credentials: ServerCredentials.createSsl(null, [
          { cert_chain: read("server.pem"), private_key: read("server.key") },
        ]),
      });
      expect((await connect(server.address).call(request(message))).status).toMatchObject({
        code: Code.UNAVAILABLE,
        message: expect.stringMatching(/does the server want TLS\?/),
      });
    });

    test("a version of TLS that the other side does not speak is refused", async () => {
      const folder = certificates();
      const file = (name: string): string => join(folder, name);
      const server = createServer(
        serverOptions({
          transport,
          tls: serverTls({ cert_file: file("server.pem"), key_file: file("server.key"), min_version: "1.3" }),
        }),
        new Map(),
      );
      const address = await server.start();
      onTestFinished(() => server.stop(AbortSignal.abort()));
      const old = connect(address, { tls: clientTls({ ca_file: file("ca.pem"), max_version: "1.2" }) });
      expect((await old.call(request(message))).status.code).toBe(Code.UNAVAILABLE);
    });
  },
);

describe("tls settings", () => {
  test("a file that is not there is named", () =>
    expect(() => clientTls({ ca_file: "/nowhere/ca.pem" })).toThrow(
      "Cannot use tls.ca_file: must be a file that can be read, is /nowhere/ca.pem",
    ));
  test("a certificate without a key is refused", () =>
    expect(() => clientTls({ cert_pem: "x" })).toThrow(
      "must have a certificate and a key together, has only the certificate",
    ));
  test("a server without a certificate is refused", () =>
    expect(() => serverTls({})).toThrow("must have cert_file and key_file"));
  test("insecure switches TLS off, but not with a CA or https", () => {
    expect(clientTls({ insecure: true })).toBeUndefined();
    expect(clientTls({ insecure: true }, { scheme: "https" })).toBeDefined();
    expect(clientTls({ insecure: true, ca_pem: rootCertificates[0] })).toBeDefined();
    expect(clientTls({}, { scheme: "http" })).toBeDefined();
  });
  test.each(["", "x"])("an authority that is no certificate (%o) is refused", (ca_pem) =>
    expect(() => clientTls({ ca_pem })).toThrow("Cannot use tls.ca_pem: must have a certificate in PEM, has none"),
  );
  test.skipIf(!hasOpenssl)(
    "a certificate and a key that do not belong together are refused (skipped without openssl)",
    () => {
      const [one, other] = [makeCertificates(), makeCertificates()];
      onTestFinished(() => [one, other].forEach(({ remove }) => remove()));
      const settings = { cert_pem: String(one.cert), key_pem: String(other.key) };
      for (const use of [clientTls, serverTls])
        expect(() => use(settings)).toThrow(
          /must have certificates and keys in PEM that belong together, OpenSSL says .*mismatch/,
        );
    },
  );
});
