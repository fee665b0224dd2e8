/** Puts something into a map of at most `max` entries: the one that was put in first makes room. */
export function putBounded<T>(map: Map<string, T>, [key, value]: readonly [string, T], max: number): void {
  map.delete(key);
  const [oldest] = map.keys();
  if (map.size >= max && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}
