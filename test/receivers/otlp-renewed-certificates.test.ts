import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasOpenssl } from "../support/net/certificates.ts";
import { fingerprintOf, lendCertificates, renewedFiles } from "../support/net/renewing.ts";
import { preface, settings } from "../support/http2/frames.ts";
import { receive } from "./receiving.ts";

const never = new AbortController().signal;

async function open(address: string, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  const port = Number(address.split(":")[1]);
  const socket = tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return socket;
}

async function shown(address: string, options: tls.ConnectionOptions): Promise<string> {
  const socket = await open(address, options);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** Something that the server answers on a connection which stands. */
const greetings = {
  grpc: Buffer.concat([preface, settings()]),
  http: "POST /v1/traces HTTP/1.1\r\nhost: here\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
};

describe.skipIf(!hasOpenssl)("a receiver whose files of TLS are renewed (skipped without openssl)", () => {
  test.each([
    ["grpc", "native"],
    ["grpc", "node"],
    ["http", ""],
  ] as const)(
    "shows the new certificate to new connections, and those that stand go on: %s %s",
    async (over, transport) => {
      const [first, second] = [lendCertificates(), lendCertificates()];
      const { cert_file, key_file, renew } = renewedFiles(first);
      const section = { tls: { cert_file, key_file, reload_interval: "1ms" } };
      const receiving = await receive(
        undefined,
        over === "grpc" ? { grpc: { ...section, transport } } : { http: section },
      );
      onTestFinished(() => receiving.stop(never));
      const { [over]: address, host } = receiving;
      const options = { ALPNProtocols: [over === "grpc" ? "h2" : "http/1.1"] };
      const standing = await open(address, options);
      expect(standing.getPeerCertificate().fingerprint256).toBe(fingerprintOf(first));
      renew(second);
      await sleep(5);
      expect(await shown(address, options)).toBe(fingerprintOf(second));
      standing.write(greetings[over]);
      expect((await once(standing, "data"))[0]).toBeInstanceOf(Buffer);
      await sleep(5);
      expect(await shown(address, options)).toBe(fingerprintOf(second));
      expect(host.logged.filter(({ message }) => message.includes("New TLS"))).toMatchObject([
        { level: "info", fields: { cert_file, key_file } },
      ]);
    },
  );

  test("reads no file again before its interval has passed, and none without one", async () => {
    const [first, second] = [lendCertificates(), lendCertificates()];
    const { cert_file, key_file, renew } = renewedFiles(first);
    const files = { cert_file, key_file };
    const receiving = await receive(undefined, {
      grpc: { tls: { ...files, reload_interval: "1h" } },
      http: { tls: files },
    });
    onTestFinished(() => receiving.stop(never));
    renew(second);
    await sleep(5);
    expect(await shown(receiving.grpc, { ALPNProtocols: ["h2"] })).toBe(fingerprintOf(first));
    expect(await shown(receiving.http, {})).toBe(fingerprintOf(first));
  });

  test("lets clients of a new authority in, and those of the old one no more, where client_ca_file_reload is set", async () => {
    const [own, former, next] = [lendCertificates(), lendCertificates(), lendCertificates()];
    const folder = mkdtempSync(join(tmpdir(), "podstamp-renewed-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const client_ca_file = join(folder, "ca.crt");
    copyFileSync(former.caFile, client_ca_file);
    const section = { cert_pem: own.cert.toString(), key_pem: own.key.toString(), client_ca_file };
    const receiving = await receive(undefined, {
      grpc: { tls: section },
      http: { tls: { ...section, client_ca_file_reload: true } },
    });
    onTestFinished(() => receiving.stop(never));
    // With TLS 1.2 the handshake is over only when the server has accepted the client's certificate.
    const isLetIn = (address: string, { cert, key }: typeof own) =>
      shown(address, { cert, key, maxVersion: "TLSv1.2", ALPNProtocols: ["h2", "http/1.1"] }).then(
        () => true,
        () => false,
      );
    expect(await isLetIn(receiving.http, former)).toBe(true);
    expect(await isLetIn(receiving.http, next)).toBe(false);
    writeFileSync(client_ca_file, "nothing yet");
    await sleep(1100);
    expect(await isLetIn(receiving.http, former)).toBe(true);
    writeFileSync(client_ca_file, readFileSync(next.caFile));
    await eventually(() => isLetIn(receiving.http, next), { what: "the new authority" });
    expect(await isLetIn(receiving.http, former)).toBe(false);
    expect(await isLetIn(receiving.grpc, former)).toBe(true);
    expect(receiving.host.logged.filter(({ message }) => message.includes("these files"))).toMatchObject([
      {
        level: "warn",
        fields: { client_ca_file, error: expect.stringContaining("must have a certificate in PEM, has none") },
      },
      { level: "info", fields: { client_ca_file } },
    ]);
  });
});
