/** What stands at a path of keys in a value that JSON.parse gave; undefined where something is missing on the way. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** The text there; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number there, if it is finite. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
}

/** The elements of the list there; none where there is no list. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The texts of the list there; what is no text is left out. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((each): each is string => typeof each === "string");
}

/** The texts of the map there; what is no text is left out. */
export function textMapAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    mapAt(value, ...path).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The entries of the map there; none where there is no map. */
export function mapAt(value: unknown, ...path: readonly string[]): readonly [string, unknown][] {
  const found = at(value, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}

/** ms since the epoch of a time in ISO 8601; Go's zero time and what is no time have not happened. */
export function timeAt(value: unknown, ...path: readonly string[]): number | undefined {
  const ms = Date.parse(textAt(value, ...path));
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms;
}
