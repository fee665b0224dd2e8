import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether certificates can be made here. */
export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** An authority of ours and a certificate that it signed. */
export type Certificates = {
  readonly caFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
  remove(): void;
};

/** Makes a certificate for these names and 127.0.0.1 with openssl. */
export function makeCertificates(names: readonly string[] = ["localhost"]): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-tls-"));
  const openssl = (...parameters: string[]): void => {
    const { status, stderr } = spawnSync("openssl", parameters, { cwd: folder });
    if (status !== 0) throw new Error(`Cannot make a certificate: openssl says ${String(stderr)}`);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const alternatives = ["IP:127.0.0.1", ...names.map((name) => `DNS:${name}`)].join(",");
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test ca");
  const server = ["req", "-x509", ...key, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=server"];
  openssl(...server, "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", `subjectAltName=${alternatives}`);
  return {
    caFile: join(folder, "ca.pem"),
    cert: readFileSync(join(folder, "server.pem")),
    key: readFileSync(join(folder, "server.key")),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
