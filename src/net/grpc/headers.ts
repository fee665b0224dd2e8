/** gRPC over HTTP/2: the headers whose values need more than a comparison (PROTOCOL-HTTP2.md). */

const unitsInMs: ReadonlyMap<string, number> = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1000],
  ["m", 1],
  ["u", 0.001],
  ["n", 0.000001],
]);

/** Reads grpc-timeout (at most eight digits and a unit) into ms; undefined when it is none. */
export function parseTimeout(value: string): number | undefined {
  const unit = unitsInMs.get(value.charAt(value.length - 1));
  const digits = value.slice(0, -1);
  if (unit === undefined || !/^[0-9]{1,8}$/.test(digits)) return undefined;
  return Number(digits) * unit;
}

/** Writes ms as grpc-timeout, rounded up, in the finest unit whose value has eight digits. */
export function formatTimeout(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole < 1e8) return `${whole}m`;
  if (whole < 1e11) return `${Math.ceil(whole / 1000)}S`;
  return `${Math.min(99_999_999, Math.ceil(whole / 3_600_000))}H`;
}

/**
 * Percent-encodes a grpc-message: what is not printable ASCII, and "%", byte by byte of its UTF-8. Spaces at its ends too, where HTTP/2 has none
 * (RFC 9113, section 8.2.1): a strict proxy resets the call for one, and its status is lost.
 */
export function encodeMessage(message: string): string {
  if (/^(?! )[ -$&-~]*(?<! )$/.test(message)) return message;
  const bytes = Buffer.from(message);
  const last = bytes.length - 1;
  let encoded = "";
  bytes.forEach((byte, i) => {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25 && !(byte === 0x20 && (i === 0 || i === last));
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return encoded;
}

/** Decodes a grpc-message. Never fails: what is not a valid escape stays as it is. */
export function decodeMessage(encoded: string): string {
  if (/^[ -$&-~]*$/.test(encoded)) return encoded;
  // One character for each byte: servers there are that encode nothing.
  const bytes = Buffer.from(encoded, "latin1");
  const decoded = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? bytes.toString("latin1", i + 1, i + 3) : "";
    const isEscape = /^[0-9A-Fa-f]{2}$/.test(hex);
    decoded[length++] = isEscape ? Number.parseInt(hex, 16) : (bytes[i] ?? 0);
    if (isEscape) i += 2;
  }
  return decoded.toString("utf8", 0, length);
}

/** Encodes the value of a "-bin" header: base64 without padding, as the specification wants it written. */
export function encodeBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64").replace(/=+$/, "");
}

/** Decodes the value of a "-bin" header, padded or not. */
export function decodeBinary(value: string): Buffer {
  return Buffer.from(value, "base64");
}

/** Whether a content-type is gRPC's: "application/grpc", alone or followed by "+proto" or ";…", in whatever case (RFC 9110, section 8.3.1). */
export function isGrpcContentType(value: string | undefined): boolean {
  return (
    value === "application/grpc" || (value !== undefined && /^application\/grpc(\+proto)?[ \t]*(;|$)/i.test(value))
  );
}
