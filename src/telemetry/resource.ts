/** A value that an attribute of podstamp itself may have. */
export type OwnValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

/** Attributes of podstamp itself. */
export type OwnResource = Readonly<Record<string, string | number | boolean | string[] | number[] | boolean[]>>;

type Identity = {
  readonly version: string;
  /** Random for each start, as service.instance.id wants it. */
  readonly instanceId: string;
};

/** What podstamp is called on its metrics and spans; a change to undefined takes an attribute away. */
export function ownResource(
  { version, instanceId }: Identity,
  changes: ReadonlyMap<string, OwnValue | undefined> = new Map(),
): OwnResource {
  const standard: OwnResource = {
    "service.name": "podstamp",
    "service.version": version,
    "service.instance.id": instanceId,
  };
  const kept = Object.entries(standard).filter(([name]) => !changes.has(name));
  const set = [...changes].flatMap(([name, value]) => (value === undefined ? [] : [[name, mutable(value)] as const]));
  return Object.fromEntries([...kept, ...set]);
}

function mutable(value: OwnValue): OwnResource[string] {
  if (typeof value !== "object") return value;
  const strings = value.filter((item) => typeof item === "string");
  const numbers = value.filter((item) => typeof item === "number");
  const booleans = value.filter((item) => typeof item === "boolean");
  return [strings, numbers].find((list) => list.length === value.length) ?? booleans;
}
