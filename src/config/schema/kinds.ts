import { exactly } from "./exact.ts";
import { contextOf, invalid, Schema } from "./schema.ts";
import type { Context, Issue, SchemaFacts, Shape, ShapeOutput } from "./schema.ts";

/* The kinds of values that settings have; fields.ts makes settings of them. */

/** Any value. */
class AnySchema extends Schema<unknown> {
  read(raw: unknown): unknown {
    return raw;
  }

  with(facts: SchemaFacts): Schema<unknown> {
    return new AnySchema({ ...this.facts, ...facts });
  }
}

class BooleanSchema extends Schema<boolean> {
  read(raw: unknown, issues: Issue[]): boolean {
    if (typeof raw === "boolean") return raw;
    issues.push({ message: "must be true or false", path: [] });
    return invalid;
  }

  with(facts: SchemaFacts): Schema<boolean> {
    return new BooleanSchema({ ...this.facts, ...facts });
  }
}

class MapSchema extends Schema<Readonly<Record<string, unknown>>> {
  read(raw: unknown, issues: Issue[]): Readonly<Record<string, unknown>> {
    if (isMap(raw)) return raw;
    issues.push({ message: "must be a map", path: [] });
    return invalid;
  }

  with(facts: SchemaFacts): Schema<Readonly<Record<string, unknown>>> {
    return new MapSchema({ ...this.facts, ...facts });
  }
}

/** A map with these settings and no others. */
export class ObjectSchema<S extends Shape> extends Schema<ShapeOutput<S>> {
  readonly shape: S;

  constructor(shape: S, facts: SchemaFacts = {}) {
    super(facts);
    this.shape = shape;
  }

  read(raw: unknown, issues: Issue[]): ShapeOutput<S> {
    if (!isMap(raw)) {
      issues.push({ message: "must be a map", path: [] });
      return invalid;
    }
    const value: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(this.shape)) {
      const isAny = field.facts["form"] === "any value";
      const read = readBelow(field, key, { raw: isAny ? exactly(raw, key) : raw[key], issues });
      if (read !== undefined || Object.hasOwn(raw, key)) value[key] = read;
    }
    const keys = Object.keys(raw).filter((key) => !Object.hasOwn(this.shape, key));
    if (keys.length > 0) issues.push({ message: "unknown keys", unknown: { keys, known: this.shape }, path: [] });
    return value as ShapeOutput<S>;
  }

  with(facts: SchemaFacts): ObjectSchema<S> {
    return new ObjectSchema(this.shape, { ...this.facts, ...facts });
  }

  override describe(description: string): ObjectSchema<S> {
    return this.with({ description });
  }

  override extend(fields: Shape): Schema<ShapeOutput<S>> {
    return new ObjectSchema({ ...this.shape, ...fields }, this.facts) as unknown as ObjectSchema<S>;
  }
}

/** A list, of at least and at most so many items. */
export class ListSchema<T> extends Schema<T[]> {
  readonly item: Schema<T>;
  readonly limits: { readonly min?: number; readonly max?: number };

  constructor(item: Schema<T>, limits: ListSchema<T>["limits"] = {}, facts: SchemaFacts = {}) {
    super(facts);
    this.item = item;
    this.limits = limits;
  }

  min(min: number): ListSchema<T> {
    return new ListSchema(this.item, { ...this.limits, min }, this.facts);
  }

  max(max: number): ListSchema<T> {
    return new ListSchema(this.item, { ...this.limits, max }, this.facts);
  }

  read(raw: unknown, issues: Issue[]): T[] {
    if (!Array.isArray(raw)) {
      issues.push({ message: "must be a list", path: [] });
      return invalid;
    }
    const { min, max } = this.limits;
    // Of a list that is too long nobody wants to hear of each item.
    const isTooLong = max !== undefined && raw.length > max;
    const items = raw.slice(0, max).map((each: unknown, index) => readBelow(this.item, index, { raw: each, issues }));
    if (min !== undefined && raw.length < min)
      issues.push({ message: `must be a list of length >= ${min}`, path: [], isSoft: true });
    if (isTooLong) issues.push({ message: `must be a list of length <= ${max}`, path: [], isSoft: true });
    return items;
  }

  with(facts: SchemaFacts): ListSchema<T> {
    return new ListSchema(this.item, this.limits, { ...this.facts, ...facts });
  }
}

class PreparedSchema<T> extends Schema<T> {
  readonly inner: Schema<T>;
  readonly #prepare: (raw: unknown) => unknown;

  constructor(prepare: (raw: unknown) => unknown, inner: Schema<T>, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
    this.#prepare = prepare;
  }

  read(raw: unknown, issues: Issue[]): T {
    return this.inner.read(this.#prepare(raw), issues);
  }

  with(facts: SchemaFacts): Schema<T> {
    return new PreparedSchema(this.#prepare, this.inner, { ...this.facts, ...facts });
  }
}

/** A section that `enabled: false` switches off: then limits of its values do not count, as in the Collector. */
class SwitchableSchema<T> extends Schema<T | undefined> {
  readonly inner: Schema<T>;

  constructor(inner: Schema<T>, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
  }

  read(raw: unknown, issues: Issue[]): T | undefined {
    if (!isMap(raw) || raw["enabled"] !== false) return this.inner.read(raw, issues);
    const found: Issue[] = [];
    this.inner.read(raw, found);
    issues.push(...found.filter(({ isSoft, params }) => isSoft !== true && params?.["isLimit"] !== true));
    return undefined;
  }

  with(facts: SchemaFacts): Schema<T | undefined> {
    return new SwitchableSchema(this.inner, { ...this.facts, ...facts });
  }
}

/** A setting that is read by hand; what `read` complains of is hard. */
class ReadSchema<T> extends Schema<T> {
  readonly #read: (raw: unknown, context: Context) => T;

  constructor(read: (raw: unknown, context: Context) => T, facts: SchemaFacts = {}) {
    super(facts);
    this.#read = read;
  }

  read(raw: unknown, issues: Issue[]): T {
    return this.#read(raw, contextOf(issues, false));
  }

  with(facts: SchemaFacts): Schema<T> {
    return new ReadSchema(this.#read, { ...this.facts, ...facts });
  }
}

/** One word, or a list of these; `rule` is said of what is neither. */
class WordOrListSchema<W extends string, T> extends Schema<W | T[]> {
  readonly #word: W;
  readonly #list: ListSchema<T>;
  readonly #rule: string;

  constructor(
    word: W,
    list: ListSchema<T>,
    { rule, facts = {} }: { readonly rule: string; readonly facts?: SchemaFacts },
  ) {
    super(facts);
    this.#word = word;
    this.#list = list;
    this.#rule = rule;
  }

  read(raw: unknown, issues: Issue[]): W | T[] {
    if (raw === this.#word) return this.#word;
    if (Array.isArray(raw)) return this.#list.read(raw, issues);
    issues.push({ message: this.#rule, path: [] });
    return invalid;
  }

  with(facts: SchemaFacts): Schema<W | T[]> {
    return new WordOrListSchema(this.#word, this.#list, { rule: this.#rule, facts: { ...this.facts, ...facts } });
  }
}

/** Anything. */
export function anything(): Schema<unknown> {
  return new AnySchema();
}

/** true or false. */
export function trueOrFalse(): Schema<boolean> {
  return new BooleanSchema({ form: "true or false" });
}

/** A map of any keys and values. */
export function anyMap(): Schema<Readonly<Record<string, unknown>>> {
  return new MapSchema();
}

/** A list whose items are all as the schema says. */
export function listOf<T>(item: Schema<T>): ListSchema<T> {
  return new ListSchema(item);
}

/** The one word, or a list. */
export function wordOrList<const W extends string, T>(word: W, list: ListSchema<T>, rule: string): Schema<W | T[]> {
  return new WordOrListSchema(word, list, { rule });
}

/** A value that is made another before it is read. */
export function prepared<T>(prepare: (raw: unknown) => unknown, schema: Schema<T>): Schema<T> {
  return new PreparedSchema(prepare, schema);
}

/** A section with a key `enabled`; undefined when that is false. */
export function switchable<T>(schema: Schema<T>): Schema<T | undefined> {
  return new SwitchableSchema(schema);
}

/** What `read` makes of a value; it complains to the context and gives `invalid` then. */
export function readBy<T>(read: (raw: unknown, context: Context) => T, facts: SchemaFacts): Schema<T> {
  return new ReadSchema(read, facts);
}

type Below = { readonly raw: unknown; readonly issues: Issue[] };

/** Reads what stands under a key, or in a place of a list. */
function readBelow<T>(schema: Schema<T>, key: string | number, { raw, issues }: Below): T {
  const before = issues.length;
  const value = schema.read(raw, issues);
  for (let at = before; at < issues.length; at++) {
    const issue = issues[at];
    if (issue !== undefined) issues[at] = { ...issue, path: [key, ...issue.path] };
  }
  return value;
}

function isMap(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}
