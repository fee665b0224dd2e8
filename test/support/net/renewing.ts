import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { onTestFinished } from "vitest";
import { makeCertificates } from "./certificates.ts";
import type { Certificates } from "./certificates.ts";

/** Certificates that live as long as the test. */
export function lendCertificates(): Certificates {
  const made = makeCertificates();
  onTestFinished(() => made.remove());
  return made;
}

/** A certificate and its key in files of settings, as cert-manager writes and renews them. */
export type RenewedFiles = {
  readonly cert_file: string;
  readonly key_file: string;
  write(part: "cert" | "key", content: Buffer | string): void;
  renew(by: Certificates): void;
};

export function renewedFiles(first: Certificates): RenewedFiles {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-renewed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const write = (part: "cert" | "key", content: Buffer | string): void => writeFileSync(files[part], content);
  const renew = ({ cert, key }: Certificates): void => {
    write("cert", cert);
    write("key", key);
  };
  renew(first);
  return { cert_file: files.cert, key_file: files.key, write, renew };
}

/** What tells two certificates apart. */
export function fingerprintOf({ cert }: Certificates): string {
  return new X509Certificate(cert).fingerprint256;
}
