/** The longest line that is written whole. */
const maxLength = 16_384;

/**
 * Turns one line of JSON as pino writes it into `2026-11-24T15:00:00.123Z info message key=value`; a field `lines` follows
 * below it, one line for each. Nothing in it can steer a terminal: control characters are made visible.
 */
export function consoleLine(json: string): string {
  const { time, level, message, lines, ...fields } = record(json);
  const head = [time, level, message]
    .filter((part) => typeof part === "string")
    .map(visible)
    .join(" ");
  const tail = Object.entries(fields).map(([key, value]) => `${visible(key)}=${fieldText(value)}`);
  const below = Array.isArray(lines)
    ? lines.filter((line) => typeof line === "string").map((line) => visible(line))
    : [];
  return [[head, ...tail].join(" "), ...below].map((line) => `${shorten(line)}\n`).join("");
}

function shorten(line: string): string {
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}

function record(json: string): Record<string, unknown> {
  const parsed: unknown = JSON.parse(json);
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
}

function fieldText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return typeof value === "string" && (text === "" || /[\s"=]/.test(text))
    ? visible(JSON.stringify(text))
    : visible(text);
}

/** The text without characters that a terminal or a log viewer would act on. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
