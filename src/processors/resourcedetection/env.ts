/** What the environment says about the resource, or why it cannot be read. */
export type FromEnvironment = { readonly attributes: ReadonlyMap<string, string> } | { readonly problem: string };

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads OTEL_RESOURCE_ATTRIBUTES (key=value,key=value with %XX for what may not stand there; OTEL_RESOURCE is its old name)
 * and OTEL_SERVICE_NAME, which goes before a service.name in the list.
 */
export function detectEnvironment(environment: Environment, allowed: readonly string[] | undefined): FromEnvironment {
  const name = environment["OTEL_RESOURCE_ATTRIBUTES"]?.trim() ? "OTEL_RESOURCE_ATTRIBUTES" : "OTEL_RESOURCE";
  const attributes = new Map<string, string>();
  for (const pair of (environment[name] ?? "").split(",")) {
    if (pair.trim() === "") continue;
    const [, key, value] = /^\s*([^=\s][^=]*?)\s*=\s*(.*?)\s*$/s.exec(pair) ?? [];
    const text = decoded(value);
    if (key === undefined || text === undefined)
      return { problem: `Cannot use ${name}: must be key=value,key=value with %XX for special characters` };
    attributes.set(key, text);
  }
  const service = environment["OTEL_SERVICE_NAME"];
  if (service !== undefined && service !== "") attributes.set("service.name", service);
  if (allowed !== undefined) for (const key of attributes.keys()) if (!allowed.includes(key)) attributes.delete(key);
  return { attributes };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A % that begins no character.
    return undefined;
  }
}
