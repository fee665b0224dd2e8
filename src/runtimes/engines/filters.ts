/** Whether it can be an ID of an engine's, whole or a beginning, with `sha256:` or without: nothing else is put into a path. */
export function isHexId(text: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{1,64}$/.test(text);
}

/** The `filters` parameter for IDs that begin so. */
export function idFilter(id: string): string {
  return encodeURIComponent(JSON.stringify({ id: [id] }));
}

/** The `filters` parameter for events of these types. */
export function typeFilter(...types: readonly string[]): string {
  return encodeURIComponent(JSON.stringify({ type: types }));
}
