import { formatDuration, parseDuration } from "./duration.ts";
import { longestTimerMs } from "../../longest-timer.ts";
import { isRecord, parsed } from "./parsed-field.ts";
import type { Fail } from "./parsed-field.ts";
import { ObjectSchema, prepared, switchable, trueOrFalse } from "../schema/kinds.ts";
import type { OptionalSchema, Schema, Shape, ShapeOutput } from "../schema/schema.ts";
import { Secret } from "../document/secret.ts";

/*
 * The building blocks of component schemas. A setting is declared once: its type here, then its default and limits as
 * options, then one sentence by .describe(); validation and docs/configuration.md both come from that.
 * A message is the rule only ("must be a duration such as 2s"): decode.ts adds the path before and the value after it.
 * null never reaches a schema except in optionalSection: decode.ts reads it as "not set", as the Collector does.
 */

/** A map with these settings and no others. */
export function section<const S extends Shape>(shape: S): ObjectSchema<S> {
  return new ObjectSchema(shape);
}

/** A section that is always on: absent or empty, it has its defaults. */
export function subsection<const S extends Shape>(shape: S): Schema<ShapeOutput<S>> {
  return section(shape).prefault({});
}

type Presence = {
  /** What an absent section means: "off" (undefined) or "on" with its defaults. */
  readonly absent: "on" | "off";
  /** What `key:` with nothing behind it means. */
  readonly empty: "on" | "off";
};

/**
 * A section that can be off (undefined), as configoptional of the Collector has it. `{}` is on with the defaults and
 * `enabled: false` is off, and no limit of its values counts; absent and empty ones are on or off as said.
 */
export function optionalSection<T>(schema: Schema<T>, presence: Presence): Schema<T | undefined> {
  const whole = schema.extend({ enabled: flag(true).describe("`false` switches this section off.") });
  const field = prepared(
    (raw) => (raw === null ? (presence.empty === "on" ? {} : undefined) : raw),
    switchable(whole)
      .optional()
      .transform((set): T | undefined => {
        if (set === undefined) return undefined;
        const { enabled: _, ...rest } = set as T & { readonly enabled: boolean };
        return rest as T;
      }),
  ).meta({ form: "section", presence });
  return presence.absent === "on" ? field.prefault({}) : field.optional();
}

/** true or false. */
export function flag(standard: boolean): Schema<boolean> {
  return trueOrFalse().prefault(standard);
}

type NumberLimits = { readonly default?: number; readonly min?: number; readonly max?: number };

/** A whole number within limits. Without a default it must be set, or be made .optional(). */
export function integer(limits: NumberLimits = {}): Schema<number> {
  return numeric({ ...limits, noun: "an integer", accepts: Number.isSafeInteger });
}

/** Any finite number within limits. */
export function decimal(limits: NumberLimits = {}): Schema<number> {
  return numeric({ ...limits, noun: "a number", accepts: Number.isFinite });
}

/** A size written in MiB; comes out in bytes. */
export function mebibytes(limits: NumberLimits = {}): Schema<number> {
  return numeric({ min: 0, ...limits, noun: "a whole number of MiB", accepts: Number.isSafeInteger, scale: 2 ** 20 });
}

/** A size written in bytes, 0 or more. */
export function byteCount(limits: NumberLimits = {}): Schema<number> {
  return numeric({ min: 0, ...limits, noun: "a whole number of bytes", accepts: Number.isSafeInteger });
}

type NumericOptions = NumberLimits & {
  readonly noun: string;
  readonly accepts: (value: number) => boolean;
  readonly scale?: number;
};

function numeric(options: NumericOptions): Schema<number> {
  const { noun, accepts, min, max, scale = 1 } = options;
  const rule = `must be ${noun}${limitsInWords(min, max)}`;
  return parsed({
    default: options.default,
    facts: { form: noun.replace(/^an? /, ""), min, max },
    read: (raw, fail) => {
      if (typeof raw !== "number" || !accepts(raw)) return fail(rule);
      return raw >= (min ?? -Infinity) && raw <= (max ?? Infinity) ? raw * scale : fail(rule, { isLimit: true });
    },
  });
}

function limitsInWords(min: number | string | undefined, max: number | string | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  return min !== undefined ? ` >= ${min}` : max !== undefined ? ` <= ${max}` : "";
}

type DurationOptions = {
  /** In Go's syntax, "200ms". */
  readonly default?: string;
  readonly min?: string;
  readonly max?: string;
  /** What is longer than a timer holds is as long as one holds, instead of refused. */
  readonly isCapped?: boolean;
};

/** What a duration of Go's can be at most, in ms: 2^63 ns. */
const longestGoMs = 2 ** 63 / 1e6;

/** A duration in Go's syntax (1h2m3.5s), or an integer of nanoseconds; comes out in ms. At least 0, at most what a timer holds. */
export function duration(options: DurationOptions = {}): Schema<number> {
  const min = boundMs(options.min, 0);
  const max = boundMs(options.max, longestTimerMs);
  const limits =
    options.max === undefined ? ` >= ${formatDuration(min)}` : ` from ${formatDuration(min)} to ${formatDuration(max)}`;
  return parsed({
    default: options.default,
    facts: { form: "duration", min: options.min, max: options.max },
    read: (raw, fail) => {
      const ms =
        typeof raw === "string" ? parseDuration(raw) : Number.isSafeInteger(raw) ? Number(raw) / 1e6 : undefined;
      if (ms === undefined) return fail("must be a duration such as 2s");
      if (ms > max && ms <= longestGoMs && options.isCapped === true) return max;
      if (ms > max && options.max === undefined)
        return fail(`must be a duration <= ${formatDuration(max)}`, { isLimit: true });
      return ms >= min && ms <= max ? ms : fail(`must be a duration${limits}`, { isLimit: true });
    },
  });
}

function boundMs(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

type TextOptions = { readonly default?: string; readonly minLength?: number; readonly maxLength?: number };

/** A string within limits of its length (at most 4096 characters unless said otherwise). */
export function text(options: TextOptions = {}): Schema<string> {
  const { minLength = 0, maxLength = 4096 } = options;
  return parsed({
    default: options.default,
    facts: { form: "string" },
    read: (raw, fail) => {
      if (typeof raw !== "string") return fail("must be a string");
      if (raw.length < minLength)
        return fail(minLength === 1 ? "must not be empty" : `must be a string of at least ${minLength} characters`);
      return raw.length <= maxLength ? raw : fail(`must be a string of at most ${maxLength} characters`);
    },
  });
}

type TextOrNoneOptions = { readonly maxLength?: number; readonly isSecret?: boolean };

/** A string that need not be there; an empty one is as if it were not, as it is where the Collector knows no null. */
export function textOrNone({ maxLength = 4096, isSecret }: TextOrNoneOptions = {}): OptionalSchema<string | undefined> {
  const rule = `must be a string of at most ${maxLength} characters`;
  return parsed<string | undefined>({
    default: undefined,
    facts: { form: "string" },
    read(raw, fail) {
      if (typeof raw !== "string") return fail("must be a string", { secret: isSecret === true });
      return raw === "" ? undefined : raw.length <= maxLength ? raw : fail(rule, { secret: isSecret === true });
    },
  }).optional();
}

/** One of the words given. */
export function choice<const W extends string>(words: readonly W[], standard?: W): Schema<W> {
  return chosen(words, standard, {});
}

/** One of the words given; an empty string is as if nothing was set, as it is where the Collector knows no null. */
export function choiceOrEmpty<const W extends string>(words: readonly W[], standard: W): Schema<W> {
  return chosen(words, standard, { empty: standard });
}

/** One of the words given, in capitals or not, as the Collector reads its levels; `others` are read as the word behind them. */
export function level<const W extends string>(
  words: readonly W[],
  standard: W,
  others: Readonly<Record<string, W>> = {},
): Schema<W> {
  const named = new Map<string, W>([...Object.entries(others), ...words.map((word) => [word, word] as const)]);
  return parsed({
    default: standard,
    facts: { form: "choice", words },
    read: (raw, fail) =>
      (typeof raw === "string" ? named.get(raw.toLowerCase()) : undefined) ??
      fail(`must be one of ${words.join(", ")}`, { words }),
  });
}

function chosen<W extends string>(
  words: readonly W[],
  standard: W | undefined,
  { empty }: { readonly empty?: W },
): Schema<W> {
  const rule = `must be one of ${words.map((word) => (word === "" ? '""' : word)).join(", ")}`;
  return parsed({
    default: standard,
    facts: { form: "choice", words },
    read: (raw, fail) =>
      words.find((word) => word === raw) ?? (raw === "" ? empty : undefined) ?? fail(rule, { words }),
  });
}

type ListOptions = {
  readonly default?: readonly string[];
  readonly maxItems?: number;
  /** The only strings it may hold. */
  readonly words?: readonly string[];
  /** The document that lists these where they are too many for a message. */
  readonly listedIn?: string;
  /** Words of the Collector that are known and not built yet: ignored with a warning. */
  readonly later?: readonly string[];
};

/**
 * A list of strings; a lone string is split at commas, as the Collector does, and spaces around the parts count only where each must
 * be one of some words: there the Collector refuses them. At most 1000 items unless said otherwise.
 */
export function stringList(options: ListOptions = {}): Schema<readonly string[]> {
  const { maxItems = 1000, words, listedIn, later = [] } = options;
  const rule = listedIn === undefined ? `must be one of ${words?.join(", ")}` : `must be one of those in ${listedIn}`;
  return parsed<readonly string[]>({
    default: options.default,
    facts: { form: "list of strings", words },
    read: (raw, fail) => {
      const items: unknown =
        typeof raw === "string" ? (raw === "" ? [] : raw.split(",").map((item) => (words ? item : item.trim()))) : raw;
      if (!Array.isArray(items)) return fail("must be a list of strings");
      if (items.length > maxItems) return fail(`must be a list of at most ${maxItems} strings`, { at: [maxItems] });
      const good = items.filter((item) => typeof item === "string");
      for (const [index, item] of items.entries()) {
        if (item === undefined) continue;
        if (later.includes(item)) fail(item, { at: [index], notYet: "warn" });
        else if (typeof item !== "string") fail("must be a string", { at: [index] });
        else if (words !== undefined && !words.includes(item))
          fail(rule, { at: Array.isArray(raw) ? [index] : [], words });
      }
      return good;
    },
  });
}

type EndpointOptions = {
  readonly default?: string;
  /** Schemes that may stand before "://" beside a bare host:port; "unix" takes a path. */
  readonly schemes?: readonly string[];
  /** Whether it may be the path of a unix socket, from the root on. */
  readonly paths?: boolean;
};

/** Where to listen or to connect: host:port, [v6]:port, or one of the schemes; comes out as written. An empty host means all interfaces. */
export function endpoint(options: EndpointOptions = {}): Schema<string> {
  const schemes = options.schemes ?? [];
  const rule = `must be host:port${schemes.map((scheme) => `${scheme === schemes.at(-1) ? " or" : ","} ${scheme}://…`).join("")}`;
  return parsed({
    default: options.default,
    facts: { form: "endpoint", schemes },
    read: (raw, fail) => {
      if (raw === undefined || raw === "") return fail(rule);
      if (typeof raw !== "string" || raw.length > 4096 || /[\s\p{Cc}]/u.test(raw)) return fail(rule);
      if (options.paths === true && raw.startsWith("/")) return raw;
      const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(raw)?.[1]?.toLowerCase();
      if (scheme !== undefined) return schemes.includes(scheme) && raw.length > scheme.length + 3 ? raw : fail(rule);
      const [, port] = /^(?:[^:[\]/]*|\[[0-9a-f:.%a-z]+\]):(\d{1,5})$/i.exec(raw) ?? [];
      if (port === undefined) return fail(rule);
      return Number(port) <= 65535 ? raw : fail("must be host:port with a port from 0 to 65535");
    },
  });
}

/** A string that is never shown. */
export function secret(): Schema<Secret> {
  return parsed({
    default: undefined,
    facts: { form: "secret" },
    read: (raw, fail) => (typeof raw === "string" ? new Secret(raw) : fail("must be a string", { secret: true })),
  });
}

/** A map of names to strings that are never shown. */
export function secretMap(): Schema<ReadonlyMap<string, Secret>> {
  return parsed<ReadonlyMap<string, Secret>>({
    default: {},
    facts: { form: "map of names to secrets" },
    read: (raw, fail) =>
      isRecord(raw)
        ? namedSecrets(
            Object.entries(raw).map(([name, value]) => ({ name, value, at: name })),
            fail,
          )
        : fail("must be a map of names to strings", { secret: true }),
  });
}

/**
 * Headers to send: a map of names to values, or a list of {name, value}; names come out in lower case, values are never shown.
 * Those of `reserved` are refused.
 */
export function headers(reserved: ReadonlySet<string> = new Set()): Schema<ReadonlyMap<string, Secret>> {
  return parsed<ReadonlyMap<string, Secret>>({
    default: {},
    facts: { form: "map, or list of {name, value}" },
    read: (raw, fail) => {
      const list = Array.isArray(raw)
        ? raw.map(listedHeader)
        : isRecord(raw)
          ? Object.entries(raw).map(mappedHeader)
          : undefined;
      if (list === undefined)
        return fail("must be a map of header names to values, or a list of {name, value}", { secret: true });
      for (const { name, value, at } of list) {
        if (typeof name !== "string" || !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(name))
          fail("must be a header name", { at: [at], secret: true });
        else if (reserved.has(name.toLowerCase()))
          fail("must be a header of requests, which HTTP/2 does not keep for its connections", {
            at: [at],
            secret: true,
          });
        else if (typeof value === "string" && /[^\t\x20-\x7e\x80-\xff]/.test(value))
          fail("must be a header value without control characters", { at: [at], secret: true });
      }
      return namedSecrets(list.map(sendable), fail);
    },
  });
}

/** As it is sent: a name in lower case, and no spaces at the ends of a value, which are none of it in HTTP/1.1 and forbidden in HTTP/2. */
function sendable(header: Header): Header & { readonly name: string } {
  const { name, value } = header;
  return {
    ...header,
    name: String(name).toLowerCase(),
    value: typeof value === "string" ? value.replace(/^[ \t]+|[ \t]+$/g, "") : value,
  };
}

type Header = { readonly name: unknown; readonly value: unknown; readonly at: string | number };

function listedHeader(item: unknown, at: number): Header {
  return isRecord(item) ? { name: item["name"], value: item["value"], at } : { name: undefined, value: undefined, at };
}

function mappedHeader([name, value]: [string, unknown]): Header {
  return { name, value, at: name };
}

function namedSecrets(list: readonly (Header & { readonly name: string })[], fail: Fail): ReadonlyMap<string, Secret> {
  const result = new Map<string, Secret>();
  for (const { name, value, at } of list) {
    if (typeof value === "string") result.set(name, new Secret(value));
    else fail("must have a string as its value", { at: [at], secret: true });
  }
  return result;
}

/**
 * A key of the Collector that podstamp knows and does not implement yet: when the file sets it, that is an error, or a
 * warning and the key is ignored. `what` says it in words that follow "is known from the Collector and not built yet: ".
 */
export function notYet(what: string, severity: "error" | "warn"): OptionalSchema<undefined> {
  return parsed<undefined>({
    default: undefined,
    facts: { form: "notYet", what, severity },
    read: (_, fail) => fail(what, { notYet: severity }),
  }).optional();
}
