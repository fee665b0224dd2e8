import type { EventEmitter } from "node:events";
import type { TLSSocket } from "node:tls";
import type { Refusal } from "../transport.ts";
import { isWithoutTls } from "./foreign.ts";
import type { ForeignProtocol, OnFailedHandshake } from "./foreign.ts";
import { peerAddress } from "./peer.ts";

type Watching = {
  readonly onForeign: (protocol: ForeignProtocol, socket: TLSSocket) => void;
  readonly onRefusal: (refusal: Refusal) => void;
  readonly onFailedHandshake?: OnFailedHandshake | undefined;
};

/** Tells of clients whose TLS handshake fails. Who only connects and hangs up, as probes of a port do, is passed over. */
export function watchHandshakes(server: EventEmitter, { onForeign, onRefusal, onFailedHandshake }: Watching): void {
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    if (isWithoutTls(error)) return onForeign("no TLS", socket);
    const problem = problemOf(error, socket);
    if (problem === undefined) return;
    onRefusal("tls_handshake");
    onFailedHandshake?.(problem, peerAddress(socket));
  });
}

function problemOf(error: Error, socket: TLSSocket): string | undefined {
  // Of a certificate that is not accepted the error says no more than that the connection is gone.
  const refused: unknown = socket.authorizationError;
  if (typeof refused === "string") return `its certificate is not accepted: ${refused}`;
  const { code = "", reason = error.message } = error as Error & { code?: string; reason?: string };
  if (code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
    return "it shows no certificate, and client_ca_file asks for one";
  if (/_ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_)/.test(code))
    return `it does not accept our certificate: ${reason}`;
  return code.startsWith("ERR_SSL_") ? reason : undefined;
}
