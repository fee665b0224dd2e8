import type { Output } from "../schema/schema.ts";
import { choiceOrEmpty, flag, notYet, section, subsection, text, textOrNone } from "./fields.ts";

/*
 * The tls sections of clients and servers, under the Collector's names. Files are read when the component starts, and by a reload when they
 * are others than before.
 */

const versions = ["1.0", "1.1", "1.2", "1.3"] as const;

const shared = {
  ca_file: textOrNone().describe(
    "File of the certificates (PEM) that sign the other side's; without it the well-known ones count.",
  ),
  ca_pem: textOrNone({ maxLength: 1_000_000 }).describe("The same as text instead of a file."),
  include_system_ca_certs_pool: flag(false).describe(
    "Whether the well-known authorities count beside those of ca_file.",
  ),
  cert_file: textOrNone().describe("File of our own certificate (PEM), with its chain."),
  cert_pem: textOrNone({ maxLength: 1_000_000 }).describe("The same as text instead of a file."),
  key_file: textOrNone().describe("File of the private key (PEM) of our certificate."),
  key_pem: textOrNone({ maxLength: 1_000_000, isSecret: true }).describe(
    "The same as text instead of a file; from a variable, so that it does not stand in the file.",
  ),
  min_version: choiceOrEmpty(versions, "1.2").describe("The oldest version of TLS that is spoken."),
  max_version: choiceOrEmpty(versions, "1.3").optional().describe("The newest version of TLS that is spoken."),
  cipher_suites: notYet("a choice of cipher suites; Node's defaults are used", "error"),
  include_insecure_cipher_suites: notYet("cipher suites known to be weak; they stay off", "error"),
  curve_preferences: notYet("a choice of curves; Node's defaults are used", "error"),
  reload_interval: notYet("reading certificates again by itself; podstamp reload does it", "error"),
  tpm: notYet("keys in a TPM", "error"),
};

/** The tls section of a client: TLS is on unless `insecure` switches it off. */
export const clientTlsFields = subsection({
  ...shared,
  insecure: flag(false).describe("Switches TLS off; ignored when ca_file or ca_pem is set, as the Collector does."),
  insecure_skip_verify: flag(false).describe("Takes any certificate of the server."),
  server_name_override: textOrNone().describe(
    "The name that the server's certificate must have, when it is not the endpoint's.",
  ),
});

/** The tls section of a server. */
export const serverTlsFields = section({
  ...shared,
  // An empty one is refused: it would let everybody in who was to be kept out.
  client_ca_file: text({ minLength: 1 })
    .optional()
    .describe(
      "File of the certificates that sign our clients'; with it a client without a certificate is turned away.",
    ),
  client_ca_file_reload: notYet("reading client_ca_file again by itself; podstamp reload does it", "error"),
});

export type ClientTlsConfig = Output<typeof clientTlsFields>;
export type ServerTlsConfig = Output<typeof serverTlsFields>;
