import type { OnFailedHandshake, OnForeign } from "../../net/socket/foreign.ts";
import type { Host } from "../../pipeline/contract.ts";
import { createQuietLog } from "../../pipeline/quiet-log.ts";

/** A protocol that is listened for, and the endpoint of the other one when that is on. */
export type Port<C> = { readonly config: C; readonly elsewhere: string | undefined };

type Strangers = {
  /** Says in the log, now and then, what came to the wrong port. */
  readonly onForeign: OnForeign;
  /** Says in the log, now and then, that a client's TLS handshake failed, and why. */
  readonly onFailedHandshake: OnFailedHandshake;
  /** What a client of HTTP/1.1 is told. */
  readonly answer: string;
};

/** Deals with clients that speak something else than their port is for. */
export function createStrangers(
  host: Host,
  { name, elsewhere }: { readonly name: "gRPC" | "HTTP"; readonly elsewhere: string | undefined },
): Strangers {
  const log = createQuietLog(host.log);
  const other = name === "gRPC" ? "OTLP/HTTP" : "OTLP/gRPC";
  const where = elsewhere === undefined ? `${other} is off` : `${other} is on ${elsewhere}`;
  return {
    answer: `This is the port of OTLP/${name}; ${where}`,
    onFailedHandshake: (problem, peer) =>
      log.warn(
        { ...(peer === undefined ? {} : { peer }), problem },
        `A client's TLS handshake at the ${name} port failed`,
      ),
    onForeign: (protocol, peer) => {
      const fields = { peer: peer ?? "unix socket" };
      switch (protocol) {
        case "HTTP/1.1":
        case "HTTP/2":
          return log.warn(fields, `A client speaks ${protocol} to the ${name} port; ${where}`);
        case "TLS":
          return log.warn(
            fields,
            `A client speaks TLS to the ${name} port, which has none: set tls here, or insecure there`,
          );
        case "no TLS":
          return log.warn(fields, `A client speaks without TLS to the ${name} port, which has it`);
      }
    },
  };
}
