/*
 * Cipher suites by the names that the Collector's files have, which are Go's, with OpenSSL's names. They are in the order in which they
 * are preferred, which is Go's, too: nobody chooses that. Those of TLS 1.3 have one name everywhere.
 */

/** Those that Go takes for safe. */
export const cipherSuites: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: "TLS_AES_128_GCM_SHA256",
  TLS_AES_256_GCM_SHA384: "TLS_AES_256_GCM_SHA384",
  TLS_CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
};

/** Those that Go takes for weak, without the ones with RC4 and 3DES, which Node's OpenSSL does not have. */
export const insecureCipherSuites: Readonly<Record<string, string>> = {
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: "ECDHE-ECDSA-AES128-SHA256",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: "ECDHE-RSA-AES128-SHA256",
  TLS_RSA_WITH_AES_128_CBC_SHA256: "AES128-SHA256",
};

/** Those of TLS 1.3 are always spoken where TLS 1.3 is: Go lets nobody choose among them. */
const ofTls13 = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];

/** What OpenSSL is to be told for these of Go's names; for none all that are safe, as in Go. It speaks TLS 1.0 and 1.1 at no other level than 0. */
export function opensslCiphers(chosen: readonly string[], { withOldTls }: { readonly withOldTls: boolean }): string {
  const all = Object.entries({ ...cipherSuites, ...insecureCipherSuites });
  const wanted = chosen.length === 0 ? Object.keys(cipherSuites) : chosen;
  const spoken = all.filter(([name]) => wanted.includes(name)).map(([, ofOpenssl]) => ofOpenssl);
  const isOfTls13 = (name: string): boolean => ofTls13.includes(name);
  // A level alone is no list.
  const level = withOldTls && !spoken.every(isOfTls13) ? ["@SECLEVEL=0"] : [];
  return [...new Set([...ofTls13, ...spoken, ...level])].join(":");
}

/** Groups for the exchange of keys by the Collector's names, with OpenSSL's. */
export const curves: Readonly<Record<string, string>> = {
  P256: "P-256",
  P384: "P-384",
  P521: "P-521",
  X25519: "X25519",
  X25519MLKEM768: "X25519MLKEM768",
};
