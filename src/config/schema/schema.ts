/*
 * Schemas of settings: what a value must be, and what becomes of it. A schema is a few small objects without a function of its own for
 * each setting, since all components' schemas are there for as long as podstamp runs.
 */

/** Where below the value that was read. */
export type IssuePath = readonly (string | number)[];

/** What is wrong with a value, as a rule: "must be …"; soft when what stands around it can be judged all the same. */
export type Issue = {
  readonly message: string;
  readonly path: IssuePath;
  readonly isSoft?: boolean;
  /** Of a check's own, what else it says; undefined for another kind of value than the schema's. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Of keys that the section does not have. */
  readonly unknown?: { readonly keys: readonly string[]; readonly known: Shape };
};

/** What the documentation is told of a setting. */
export type SchemaFacts = Readonly<Record<string, unknown>> & { readonly description?: string };

/** A complaint of a check: custom, at a place below what is checked. */
export type Complaint = {
  readonly message: string;
  readonly path?: IssuePath;
  readonly params?: Readonly<Record<string, unknown>>;
};

/** What a check or a transformation complains to. */
export type Context = { addIssue(complaint: Complaint): void };

/** The result of reading a value: it, or all that is wrong with it. */
export type Parsed<T> =
  | { readonly success: true; readonly data: T; readonly error?: undefined }
  | { readonly success: false; readonly data?: undefined; readonly error: { readonly issues: readonly Issue[] } };

/** A value as it comes out of a schema. */
export type Output<S> = S extends Schema<infer T> ? T : never;

/** The settings of a section by their keys. */
export type Shape = Readonly<Record<string, Schema<unknown>>>;

type OptionalKeys<S extends Shape> = { [K in keyof S]: S[K] extends OptionalSchema<unknown> ? K : never }[keyof S];
type Flat<T> = { [K in keyof T]: T[K] };
/** A section as it comes out of its schema. */
export type ShapeOutput<S extends Shape> = Flat<
  { [K in Exclude<keyof S, OptionalKeys<S>>]: Output<S[K]> } & { [K in OptionalKeys<S>]?: Output<S[K]> }
>;

type RefineOptions = { readonly message?: string; readonly error?: string; readonly path?: IssuePath };

/** What a value must be. Reading goes through read(); everything else makes a schema around this one. */
export abstract class Schema<T> {
  /** What the documentation is told; a schema around another one has that one's too. */
  readonly facts: SchemaFacts;

  constructor(facts: SchemaFacts = {}) {
    this.facts = facts;
  }

  /** Gives the value, and adds what is wrong with it to `issues`; what it gives then means nothing unless all of them are soft. */
  abstract read(raw: unknown, issues: Issue[]): T;

  /** The same schema, of which more is told. */
  abstract with(facts: SchemaFacts): Schema<T>;

  safeParse(raw: unknown): Parsed<T> {
    const issues: Issue[] = [];
    const data = this.read(raw, issues);
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } };
  }

  /** Reads what must be right, or throws. */
  parse(raw: unknown): T {
    const result = this.safeParse(raw);
    if (result.success) return result.data;
    const told = result.error.issues.map(({ message, path }) => `${path.join("::")} ${message}`);
    throw new Error(`Cannot use a value: ${told.join("; ")}`);
  }

  describe(description: string): Schema<T> {
    return this.with({ description });
  }

  meta(facts: SchemaFacts): Schema<T> {
    return this.with(facts);
  }

  optional(): OptionalSchema<T> {
    return new OptionalSchema(this);
  }

  /** What is read in place of undefined, as it would stand in the file. */
  prefault(standard: unknown): Schema<T> {
    return new PrefaultSchema(this, standard);
  }

  /** The same section with more settings. */
  extend(_fields: Shape): Schema<T> {
    throw new Error("Cannot add settings to what is no section");
  }

  /** Judges what was read, when nothing but soft issues were found. */
  superRefine(check: (value: T, context: Context) => void): Schema<T> {
    return new CheckedSchema(this, check);
  }

  refine(isRight: (value: T) => boolean, { message, error, path = [] }: RefineOptions): Schema<T> {
    return this.superRefine((value, context) => {
      if (!isRight(value)) context.addIssue({ message: message ?? error ?? "must be right", path });
    });
  }

  /** Makes something else of what was read, when there were no issues. */
  transform<U>(change: (value: T, context: Context) => U): Schema<U> {
    return new TransformedSchema(this, change);
  }
}

/** What has gone wrong is in the issues, and nobody looks at the value. */
export const invalid = undefined as never;

/** A schema whose value need not be there. */
export class OptionalSchema<T> extends Schema<T | undefined> {
  readonly inner: Schema<T>;

  constructor(inner: Schema<T>, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
  }

  read(raw: unknown, issues: Issue[]): T | undefined {
    return raw === undefined ? undefined : this.inner.read(raw, issues);
  }

  with(facts: SchemaFacts): OptionalSchema<T> {
    return new OptionalSchema(this.inner, { ...this.facts, ...facts });
  }

  override describe(description: string): OptionalSchema<T> {
    return this.with({ description });
  }
}

/** A schema with a value to read where there is none. */
export class PrefaultSchema<T> extends Schema<T> {
  readonly inner: Schema<T>;
  readonly standard: unknown;

  constructor(inner: Schema<T>, standard: unknown, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
    this.standard = standard;
  }

  read(raw: unknown, issues: Issue[]): T {
    return this.inner.read(raw === undefined ? this.standard : raw, issues);
  }

  with(facts: SchemaFacts): Schema<T> {
    return new PrefaultSchema(this.inner, this.standard, { ...this.facts, ...facts });
  }
}

class CheckedSchema<T> extends Schema<T> {
  readonly inner: Schema<T>;
  readonly #check: (value: T, context: Context) => void;

  constructor(inner: Schema<T>, check: (value: T, context: Context) => void, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
    this.#check = check;
  }

  read(raw: unknown, issues: Issue[]): T {
    const before = issues.length;
    const value = this.inner.read(raw, issues);
    if (issues.slice(before).some(({ isSoft }) => isSoft !== true)) return value;
    this.#check(value, contextOf(issues, true));
    return value;
  }

  with(facts: SchemaFacts): Schema<T> {
    return new CheckedSchema(this.inner, this.#check, { ...this.facts, ...facts });
  }

  override extend(fields: Shape): Schema<T> {
    return new CheckedSchema(this.inner.extend(fields), this.#check, this.facts);
  }
}

class TransformedSchema<T, U> extends Schema<U> {
  readonly inner: Schema<T>;
  readonly #change: (value: T, context: Context) => U;

  constructor(inner: Schema<T>, change: (value: T, context: Context) => U, facts: SchemaFacts = {}) {
    super({ ...inner.facts, ...facts });
    this.inner = inner;
    this.#change = change;
  }

  read(raw: unknown, issues: Issue[]): U {
    const before = issues.length;
    const value = this.inner.read(raw, issues);
    return issues.length > before ? invalid : this.#change(value, contextOf(issues, false));
  }

  with(facts: SchemaFacts): Schema<U> {
    return new TransformedSchema(this.inner, this.#change, { ...this.facts, ...facts });
  }
}

/** What is complained to it becomes an issue. */
export function contextOf(issues: Issue[], isSoft: boolean): Context {
  return {
    addIssue: ({ message, path = [], params = {} }) => void issues.push({ message, path, params, isSoft }),
  };
}
