import { cipherSuites, curves, insecureCipherSuites } from "../../cipher-suites.ts";
import type { Finding } from "../component-type.ts";
import type { Context, Output } from "../schema/schema.ts";
import { choiceOrEmpty, duration, flag, notYet, section, stringList, textOrNone } from "./fields.ts";
import { parsed } from "./parsed-field.ts";

/*
 * The tls sections of clients and servers, under the Collector's names. Files are read when the component starts, and by a reload when they
 * are others than before.
 */

const versions = ["1.0", "1.1", "1.2", "1.3"] as const;

const shared = {
  ca_file: textOrNone().describe(
    "File of the certificates (PEM) that sign the other side's; without it the well-known ones and those that this machine trusts count.",
  ),
  ca_pem: textOrNone({ maxLength: 1_000_000 }).describe("The same as text instead of a file."),
  include_system_ca_certs_pool: flag(false).describe(
    "Whether the well-known authorities and those that this machine trusts count beside those of ca_file.",
  ),
  cert_file: textOrNone().describe("File of our own certificate (PEM), with its chain."),
  cert_pem: textOrNone({ maxLength: 1_000_000 }).describe("The same as text instead of a file."),
  key_file: textOrNone().describe("File of the private key (PEM) of our certificate."),
  key_pem: textOrNone({ maxLength: 1_000_000, isSecret: true }).describe(
    "The same as text instead of a file; from a variable, so that it does not stand in the file.",
  ),
  min_version: choiceOrEmpty(versions, "1.2").describe("The oldest version of TLS that is spoken."),
  max_version: choiceOrEmpty(versions, "1.3").optional().describe("The newest version of TLS that is spoken."),
  cipher_suites: stringList({ default: [], words: Object.keys({ ...cipherSuites, ...insecureCipherSuites }) }).describe(
    "Cipher suites of TLS 1.2 and older that are spoken, by Go's names; without it all that Go takes for safe. Those of TLS 1.3 always are, as in the Collector.",
  ),
  include_insecure_cipher_suites: flag(false).describe(
    "Whether cipher_suites may name some that are known to be weak; those with RC4 and 3DES are not there.",
  ),
  curve_preferences: stringList({ default: [], words: Object.keys(curves) }).describe(
    "Groups that keys are exchanged with, the preferred one first; Node's without it.",
  ),
  reload_interval: duration({ default: "0s" }).describe(
    "How old cert_file and key_file may be when a connection is opened: they are read again then. 0 reads them only at the start and with podstamp reload.",
  ),
  tpm: notYet("keys in a TPM", "error"),
};

type Shared = {
  readonly [Name in "ca_file" | "ca_pem" | "cert_file" | "cert_pem" | "key_file" | "key_pem"]?: string | undefined;
} & {
  readonly min_version: string;
  readonly max_version?: string | undefined;
  readonly cipher_suites: readonly string[];
  readonly include_insecure_cipher_suites: boolean;
};

/** What the Collector's validation says of certificates, versions and cipher suites. */
function checkShared(set: Shared, { addIssue }: Context): void {
  for (const name of ["ca", "cert", "key"] as const)
    if (set[`${name}_file`] !== undefined && set[`${name}_pem`] !== undefined)
      addIssue({ path: [`${name}_pem`], message: `must not stand beside ${name}_file`, params: { secret: true } });
  const [cert, key] = [set.cert_file ?? set.cert_pem, set.key_file ?? set.key_pem];
  if (cert === undefined && key !== undefined)
    addIssue({ path: ["cert_file"], message: "must be set beside a key, or cert_pem" });
  if (cert !== undefined && key === undefined)
    addIssue({ path: ["key_file"], message: "must be set beside a certificate, or key_pem" });
  if (set.max_version !== undefined && set.max_version < set.min_version)
    addIssue({ path: ["max_version"], message: `must not be older than min_version (${set.min_version})` });
  if (set.include_insecure_cipher_suites) return;
  for (const [index, name] of set.cipher_suites.entries())
    if (Object.hasOwn(insecureCipherSuites, name))
      addIssue({
        path: ["cipher_suites", index],
        message: "must have include_insecure_cipher_suites: true: it is weak",
      });
}

/** Warnings on TLS that is weaker than it would be by itself; `path` leads to the section. */
export function reviewTls(
  tls: Pick<Shared, "cipher_suites" | "include_insecure_cipher_suites" | "min_version"> | undefined,
  path: readonly string[],
): readonly Finding[] {
  if (tls === undefined) return [];
  const findings: Finding[] = [];
  const warn = (name: string, text: string) => findings.push({ severity: "warning", path: [...path, name], text });
  const weak = tls.cipher_suites.filter((name) => Object.hasOwn(insecureCipherSuites, name));
  if (weak.length > 0) warn("cipher_suites", `has some that are known to be weak: ${weak.join(", ")}`);
  else if (tls.include_insecure_cipher_suites)
    warn("include_insecure_cipher_suites", "does nothing unless cipher_suites names such suites, as in the Collector");
  if (tls.min_version < "1.2")
    warn(
      "min_version",
      `lets TLS ${tls.min_version} be spoken, which is known to be weak, and smaller keys be used with all versions`,
    );
  return findings;
}

/** The tls section of a client: TLS is on unless `insecure` switches it off. */
export const clientTlsFields = section({
  ...shared,
  insecure: flag(false).describe("Switches TLS off; ignored when ca_file or ca_pem is set, as the Collector does."),
  insecure_skip_verify: flag(false).describe("Takes any certificate of the server."),
  server_name_override: textOrNone().describe(
    "The name that the server's certificate must have, when it is not the endpoint's.",
  ),
})
  .superRefine(checkShared)
  .prefault({});

const clientCa = "must be a file; leave the key out where everybody may send";

/** The tls section of a server. */
export const serverTlsFields = section({
  ...shared,
  // Where nothing is behind the key (a variable that is not set, say), those would be let in who were to be kept out.
  client_ca_file: parsed<string | undefined>({
    default: undefined,
    facts: { form: "string" },
    read: (raw, fail) =>
      typeof raw === "string" && raw !== "" && raw.length <= 4096 ? raw : fail(clientCa, { isNeeded: true }),
  })
    .optional()
    .describe(
      "File of the certificates that sign our clients'; with it a client without a certificate is turned away.",
    ),
  client_ca_file_reload: flag(false).describe(
    "Whether client_ca_file is read again when a client connects, at most once a second.",
  ),
}).superRefine((set, context) => {
  checkShared(set, context);
  if ([set.cert_file, set.cert_pem, set.key_file, set.key_pem].every((one) => one === undefined))
    context.addIssue({
      path: ["cert_file"],
      message: "must be set, or cert_pem: a server needs a certificate and its key",
    });
});

export type ClientTlsConfig = Output<typeof clientTlsFields>;
export type ServerTlsConfig = Output<typeof serverTlsFields>;
