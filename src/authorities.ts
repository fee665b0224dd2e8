import { getCACertificates, setDefaultCACertificates } from "node:tls";

let trusted: readonly string[] | undefined;

/**
 * The authorities (PEM) that count where no setting names one: Node's, and those that this machine trusts, as for Go's programs, so that a
 * company's own is among them. The first call reads them and makes them the default of all TLS in this process; that takes some 30 ms, so
 * it is asked for only by who speaks TLS.
 */
export function trustedAuthorities(): readonly string[] {
  if (trusted === undefined) {
    // NODE_EXTRA_CA_CERTS is in the default. The machine has many a certificate in several files.
    trusted = [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
    setDefaultCACertificates(trusted);
  }
  return trusted;
}
