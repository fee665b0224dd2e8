import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Certificates, hasOpenssl, makeCertificates } from "../support/net/certificates.ts";
import { portOf, receive } from "./receiving.ts";

const never = new AbortController().signal;

function lend(): Certificates {
  const made = makeCertificates();
  onTestFinished(() => made.remove());
  return made;
}

/** Connects, and resolves when the connection is gone. */
async function knock(address: string, options: tls.ConnectionOptions): Promise<void> {
  const socket = tls.connect({ host: "127.0.0.1", port: portOf(address), ...options });
  await new Promise<void>((resolve) =>
    socket
      .on("error", () => {})
      .once("close", () => resolve())
      .resume(),
  );
}

/** The same with openssl, which says why it ends a handshake, as most clients do and Node does not. */
async function doubt(address: string, caFile: string): Promise<void> {
  const trust = ["-CAfile", caFile, "-verify_return_error", "-alpn", "h2,http/1.1"];
  const client = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${portOf(address)}`, ...trust], {
    stdio: "ignore",
  });
  await once(client, "close");
}

describe.skipIf(!hasOpenssl)("a client whose TLS handshake fails (skipped without openssl)", () => {
  test.each(["native", "node"])("is counted, and the log says why, with transport: %s", async (transport) => {
    const [ours, others] = [lend(), lend()];
    const settings = { cert_pem: ours.cert.toString(), key_pem: ours.key.toString(), client_ca_file: ours.caFile };
    const { grpc, http, host, stop } = await receive(undefined, {
      grpc: { tls: settings, transport },
      http: { tls: settings },
    });
    onTestFinished(() => stop(never));
    const failed = () => host.logged.filter(({ message }) => message.includes("TLS handshake"));
    const turnedAway = (over: string) =>
      host.metric("podstamp_receiver_turned_away", { receiver: "otlp", transport: over, reason: "tls_handshake" });

    for (const [over, address, name] of [
      ["grpc", grpc, "gRPC"],
      ["http", http, "HTTP"],
    ] as const) {
      const common = { ca: readFileSync(ours.caFile), ALPNProtocols: [over === "grpc" ? "h2" : "http/1.1"] };
      await knock(address, common);
      await eventually(() => turnedAway(over) === 1, { what: "a client without a certificate" });
      expect(failed().at(-1)).toEqual({
        level: "warn",
        message: `A client's TLS handshake at the ${name} port failed`,
        fields: { peer: "127.0.0.1", problem: "it shows no certificate, and client_ca_file asks for one" },
      });
      await knock(address, { ...common, cert: others.cert, key: others.key });
      await eventually(() => turnedAway(over) === 2, { what: "one with a certificate of somebody else's" });
      await doubt(address, others.caFile);
      await eventually(() => turnedAway(over) === 3, { what: "one that does not trust ours" });
      // As the probe of a port does.
      const probe = net.connect(portOf(address), "127.0.0.1", () => probe.end());
      await new Promise((resolve) =>
        probe
          .on("error", () => {})
          .once("close", resolve)
          .resume(),
      );
    }
    expect([turnedAway("grpc"), turnedAway("http"), failed().length]).toEqual([3, 3, 2]);
  });

  test("has in the log what is wrong with a certificate, its own or the receiver's", async () => {
    const [ours, others] = [lend(), lend()];
    const settings = { cert_pem: ours.cert.toString(), key_pem: ours.key.toString(), client_ca_file: ours.caFile };
    const { grpc, http, host, stop } = await receive(undefined, { grpc: { tls: settings }, http: { tls: settings } });
    onTestFinished(() => stop(never));
    const problems = () => host.logged.flatMap(({ fields }) => fields["problem"] ?? []);
    await knock(grpc, { ca: readFileSync(ours.caFile), cert: others.cert, key: others.key, ALPNProtocols: ["h2"] });
    await eventually(() => problems().length === 1, { what: "the first problem" });
    await doubt(http, others.caFile);
    await eventually(() => problems().length === 2, { what: "the second problem" });
    expect(problems()).toEqual([
      expect.stringMatching(/^its certificate is not accepted: UNABLE_TO_/),
      expect.stringMatching(/^it does not accept our certificate: .*alert unknown ca$/),
    ]);
  });
});
