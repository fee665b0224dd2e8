import { codeOf } from "../../error-code.ts";

/** What a connection speaks when that is not what its port is for. */
export type ForeignProtocol = "HTTP/1.1" | "HTTP/2" | "TLS" | "no TLS";

/** Told of each connection that spoke something else, and from where. */
export type OnForeign = (protocol: ForeignProtocol, peer: string | undefined) => void;

/** Told why a client and a server did not agree on TLS, in words, and from where it came as far as that is known. */
export type OnFailedHandshake = (problem: string, peer: string | undefined) => void;

const preface = "PRI * HTTP/2.0";

/** What the first bytes of a connection are the beginning of; undefined when they may be anything. */
export function recognise(first: Uint8Array): "HTTP/1.1" | "HTTP/2" | "TLS" | undefined {
  // A TLS record of a handshake, whatever the version.
  if (first[0] === 0x16 && first[1] === 0x03) return "TLS";
  const text = Buffer.from(first.buffer, first.byteOffset, Math.min(first.length, 24)).toString("latin1");
  if (text.startsWith(preface) || (text !== "" && preface.startsWith(text))) return "HTTP/2";
  return /^[A-Z]{3,10} (\/|\*|https?:)/.test(text) ? "HTTP/1.1" : undefined;
}

/** Whether a failed TLS handshake failed because the client did not speak TLS at all. */
export function isWithoutTls(error: Error): boolean {
  const code = codeOf(error);
  return code === "ERR_SSL_HTTP_REQUEST" || code === "ERR_SSL_WRONG_VERSION_NUMBER";
}
