import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { SecureContextOptions, SecureVersion } from "node:tls";
import { trustedAuthorities } from "../../authorities.ts";
import { curves, opensslCiphers } from "../../cipher-suites.ts";
import { createReloading } from "./tls-reload.ts";
import type { Material, ReloadLog, Renewable } from "./tls-reload.ts";

/** TLS settings that clients and servers share, under the Collector's names. */
export type TlsSettings = {
  readonly ca_file?: string | undefined;
  readonly ca_pem?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly cert_pem?: string | undefined;
  readonly key_file?: string | undefined;
  readonly key_pem?: string | undefined;
  readonly include_system_ca_certs_pool?: boolean | undefined;
  readonly min_version?: TlsVersion | undefined;
  readonly max_version?: TlsVersion | undefined;
  /** By Go's names. */
  readonly cipher_suites?: readonly string[] | undefined;
  /** By the Collector's names. */
  readonly curve_preferences?: readonly string[] | undefined;
  /** How old a certificate and key from files may be when they are used, in ms; 0 is for ever. */
  readonly reload_interval?: number | undefined;
};

export type ClientTlsSettings = TlsSettings & {
  readonly insecure?: boolean | undefined;
  readonly insecure_skip_verify?: boolean | undefined;
  readonly server_name_override?: string | undefined;
};

export type ServerTlsSettings = TlsSettings & {
  readonly client_ca_file?: string | undefined;
  readonly client_ca_file_reload?: boolean | undefined;
};

export const tlsVersions = ["1.0", "1.1", "1.2", "1.3"] as const;
export type TlsVersion = (typeof tlsVersions)[number];

/** What node:tls needs to connect. */
export type ClientTls = SecureContextOptions &
  Renewable & { readonly rejectUnauthorized: boolean; readonly servername?: string };

/** What node:tls needs to listen. */
export type ServerTls = SecureContextOptions &
  Renewable & { readonly requestCert: boolean; readonly rejectUnauthorized: boolean };

type ClientSurroundings = {
  /** That of the endpoint: https switches TLS on whatever the settings say. */
  readonly scheme?: "http" | "https" | undefined;
  /** Told of files that are read again. */
  readonly log?: ReloadLog | undefined;
};

/** How old the list of a server's client authorities may be where it is read again. */
const clientCaMs = 1000;

/**
 * Reads the certificates of a client's tls block; undefined when TLS is off. `insecure` is honoured only without a CA,
 * as the Collector does. Throws with the setting and the file when one cannot be read, or when what is in them cannot be used.
 */
export function clientTls(
  settings: ClientTlsSettings,
  { scheme, log }: ClientSurroundings = {},
): ClientTls | undefined {
  const hasCa = settings.ca_file !== undefined || settings.ca_pem !== undefined;
  if (settings.insecure === true && !hasCa && scheme !== "https") return undefined;
  const ca = authority("ca", settings.ca_file, settings.ca_pem);
  const withSystem =
    ca !== undefined && settings.include_system_ca_certs_pool === true ? [...trustedAuthorities(), ca] : ca;
  const certificate = reloadingCertificate(settings, log);
  return usable({
    ...certificate(),
    ...ways(settings),
    ...(withSystem === undefined ? {} : { ca: withSystem as string | Buffer }),
    ...(settings.server_name_override === undefined ? {} : { servername: settings.server_name_override }),
    rejectUnauthorized: settings.insecure_skip_verify !== true,
    ...(isReloaded(settings) ? { renewed: certificate } : {}),
  });
}

/** Reads the certificates of a server's tls block; a `client_ca_file` makes a client certificate necessary. */
export function serverTls(settings: ServerTlsSettings, log?: ReloadLog): ServerTls {
  const clientCa = createReloading({
    read: () => clientAuthority(settings),
    everyMs: settings.client_ca_file_reload === true ? clientCaMs : 0,
    files: { client_ca_file: settings.client_ca_file },
    log,
  });
  const certificate = reloadingCertificate(settings, log);
  const now = (): Material => ({ ...certificate(), ...clientCa() });
  const first = now();
  if (first.cert === undefined || first.key === undefined) {
    throw new Error("Cannot use tls: must have cert_file and key_file (or cert_pem and key_pem), has not both");
  }
  return usable({
    ...first,
    ...ways(settings),
    requestCert: first.ca !== undefined,
    rejectUnauthorized: first.ca !== undefined,
    ...(isReloaded(settings) || settings.client_ca_file_reload === true ? { renewed: now } : {}),
  });
}

/** What is said of a certificate that nobody vouches for: the setting that can, instead of the flag of Node's that Node thinks of. */
export function distrust(message: string): string {
  return message.replace(/; if the root CA is installed locally.*/s, " (tls.ca_file names the authority to trust)");
}

/** What is made of it later is tried now: a reload must find out before it stops what runs. */
function usable<T extends SecureContextOptions>(options: T): T {
  try {
    createSecureContext(options);
    return options;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `Cannot use tls: must have certificates and keys in PEM that belong together, OpenSSL says ${why}`,
      {
        cause,
      },
    );
  }
}

function isReloaded({ reload_interval: everyMs = 0, cert_file, key_file }: TlsSettings): boolean {
  return everyMs > 0 && (cert_file ?? key_file) !== undefined;
}

function reloadingCertificate(settings: TlsSettings, log: ReloadLog | undefined): () => Material {
  const { cert_file, key_file } = settings;
  return createReloading({
    read: () => usable(certificateOf(settings)),
    everyMs: isReloaded(settings) ? settings.reload_interval : 0,
    files: { cert_file, key_file },
    log,
  });
}

function certificateOf(settings: TlsSettings): Material {
  const cert = read("cert", settings.cert_file, settings.cert_pem);
  const key = read("key", settings.key_file, settings.key_pem);
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error(
      `Cannot use tls: must have a certificate and a key together, has only the ${cert === undefined ? "key" : "certificate"}`,
    );
  }
  return { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

function clientAuthority({ client_ca_file: file }: ServerTlsSettings): Material {
  const ca = authority("client_ca", file, undefined);
  return ca === undefined ? {} : usable({ ca });
}

function ways(settings: TlsSettings): SecureContextOptions {
  const { cipher_suites: suites = [], curve_preferences: groups = [], min_version: oldest = "1.2" } = settings;
  return {
    ciphers: opensslCiphers(suites, { withOldTls: oldest < "1.2" }),
    ...(groups.length === 0 ? {} : { ecdhCurve: groups.map((name) => curves[name] ?? name).join(":") }),
    minVersion: version(oldest),
    ...(settings.max_version === undefined ? {} : { maxVersion: version(settings.max_version) }),
  };
}

/** OpenSSL takes a file without a certificate for an authority that vouches for nobody. */
function authority(name: string, file: string | undefined, pem: string | undefined): string | Buffer | undefined {
  const found = read(name, file, pem);
  if (found === undefined || /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(String(found))) return found;
  const setting = file === undefined ? `${name}_pem` : `${name}_file`;
  throw new Error(
    `Cannot use tls.${setting}: must have a certificate in PEM, has none${file === undefined ? "" : ` (${file})`}`,
  );
}

function version(text: TlsVersion): SecureVersion {
  return text === "1.0" ? "TLSv1" : `TLSv${text}`;
}

function read(name: string, file: string | undefined, pem: string | undefined): string | Buffer | undefined {
  if (file !== undefined && pem !== undefined)
    throw new Error(`Cannot use tls: must have ${name}_file or ${name}_pem, has both`);
  if (file === undefined) return pem;
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(
      `Cannot use tls.${name}_file: must be a file that can be read, is ${file} (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}
