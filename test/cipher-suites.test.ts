import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { cipherSuites, curves, insecureCipherSuites } from "../src/cipher-suites.ts";
import { clientTls, serverTls } from "../src/net/socket/tls.ts";
import { hasOpenssl } from "./support/net/certificates.ts";
import { lendCertificates } from "./support/net/renewing.ts";

const isOfTls13 = (name: string): boolean => !name.includes("_WITH_");

async function listening(options: tls.TlsOptions): Promise<number> {
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer(options, (socket) => void sockets.add(socket.on("error", () => {})));
  await once((server as Server).listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What a connection came to speak: the version, and the suite by its name in the standard, which is Go's. */
async function spoken(port: number, options: tls.ConnectionOptions): Promise<readonly [string | null, string]> {
  const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  const agreed = [socket.getProtocol(), socket.getCipher().standardName] as const;
  socket.destroy();
  return agreed;
}

function rsa(): { readonly cert: string; readonly key: string } {
  const parameters = ["-newkey", "rsa:2048", "-nodes", "-keyout", "-", "-subj", "/CN=rsa", "-days", "2"];
  const { stdout } = spawnSync("openssl", ["req", "-x509", ...parameters], { encoding: "utf8" });
  const certificate = stdout.indexOf("-----BEGIN CERTIFICATE");
  return { key: stdout.slice(0, certificate), cert: stdout.slice(certificate) };
}

describe.skipIf(!hasOpenssl)("cipher_suites, with certificates made by openssl (skipped without it)", () => {
  test("each of Go's names is the suite of that name, and with those of TLS 1.3 the others of it are spoken, too", async () => {
    const { cert, key } = lendCertificates();
    const other = rsa();
    const port = await listening({ cert: [cert, other.cert], key: [key, other.key], ciphers: "ALL:@SECLEVEL=0" });
    for (const name of Object.keys({ ...cipherSuites, ...insecureCipherSuites })) {
      const ours = clientTls({ cipher_suites: [name], max_version: isOfTls13(name) ? "1.3" : "1.2" });
      const expected = isOfTls13(name) ? ["TLSv1.3", "TLS_AES_256_GCM_SHA384"] : ["TLSv1.2", name];
      expect(await spoken(port, { ...ours, rejectUnauthorized: false })).toEqual(expected);
    }
  });

  test("a server speaks no other with TLS 1.2, and TLS 1.3 as before", async () => {
    const { cert, key } = lendCertificates();
    const only = "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA";
    const pem = { cert_pem: String(cert), key_pem: String(key) };
    const port = await listening(serverTls({ ...pem, cipher_suites: [only] }));
    expect(await spoken(port, { maxVersion: "TLSv1.2" })).toEqual(["TLSv1.2", only]);
    expect(await spoken(port, {})).toEqual(["TLSv1.3", "TLS_AES_256_GCM_SHA384"]);
    const others = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" } as const;
    await expect(spoken(port, others)).rejects.toThrow(/handshake failure/);
    for (const oldest of ["1.0", "1.2"] as const) {
      const suites = { cipher_suites: ["TLS_AES_128_GCM_SHA256"], min_version: oldest };
      const newest = await listening(serverTls({ ...pem, ...suites }));
      await expect(spoken(newest, { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
    }
  });

  test("without a choice those are spoken that Go takes for safe, in Go's order, and the weak ones only by name", async () => {
    const pem = pemOf(rsa());
    const port = await listening(serverTls(pem));
    const [all, weak] = ["ALL:@SECLEVEL=0", Object.values(insecureCipherSuites).join(":")];
    expect(await spoken(port, { maxVersion: "TLSv1.2", ciphers: all })).toEqual([
      "TLSv1.2",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ]);
    await expect(spoken(port, { maxVersion: "TLSv1.2", ciphers: weak })).rejects.toThrow(/handshake failure/);
    const name = "TLS_RSA_WITH_AES_128_CBC_SHA";
    const other = await listening(serverTls({ ...pem, cipher_suites: [name] }));
    expect(await spoken(other, { maxVersion: "TLSv1.2", ciphers: weak })).toEqual(["TLSv1.2", name]);
  });

  test.each(["1.0", "1.1"] as const)(
    "min_version: %s lets a peer be spoken with that knows no newer one",
    async (version) => {
      const pem = rsa();
      const old = { ciphers: "ALL:@SECLEVEL=0", minVersion: "TLSv1", maxVersion: olds[version] } as const;
      const expected = [olds[version], "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"];
      const ours = await listening(serverTls({ ...pemOf(pem), min_version: version }));
      expect(await spoken(ours, old)).toEqual(expected);
      const theirs = await listening({ ...pem, ...old, honorCipherOrder: false });
      expect(await spoken(theirs, clientTls({ min_version: version, insecure_skip_verify: true }) ?? {})).toEqual(
        expected,
      );
      const strict = await listening(serverTls(pemOf(pem)));
      await expect(spoken(strict, old)).rejects.toThrow(/protocol version/);
    },
  );

  test("curve_preferences says with which groups keys are exchanged, on both sides", async () => {
    const pem = rsa();
    const any = await listening({ ...pem, ecdhCurve: Object.values(curves).join(":") });
    for (const [name, group] of Object.entries(curves)) {
      const [chosen, others] = [{ curve_preferences: [name] }, Object.values(curves).filter((one) => one !== group)];
      const ours = clientTls({ ...chosen, insecure_skip_verify: true }) ?? {};
      expect(await spoken(any, ours)).toEqual(["TLSv1.3", "TLS_AES_256_GCM_SHA384"]);
      const theirs = await listening({ ...pem, ecdhCurve: others.join(":") });
      await expect(spoken(theirs, ours)).rejects.toThrow(/handshake failure/);
      const port = await listening(serverTls({ ...pemOf(pem), ...chosen }));
      expect(await spoken(port, { ecdhCurve: group })).toEqual(["TLSv1.3", "TLS_AES_256_GCM_SHA384"]);
      await expect(spoken(port, { ecdhCurve: others.join(":") })).rejects.toThrow(/handshake failure/);
    }
  });
});

const olds = { "1.0": "TLSv1", "1.1": "TLSv1.1" } as const;

const pemOf = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({ cert_pem: cert, key_pem: key });
