/* How a map that was read from a file tells the numbers in it as they are written, to those settings that ask. */

const exact = Symbol("exact");

type Teller = (key: string) => unknown;

/** Lets a map tell what stands under a key exactly; nobody else sees it. */
export function withExact<M extends object>(map: M, tell: Teller): M {
  return Object.defineProperty(map, exact, { value: tell });
}

/** What stands under the key, exactly where the map can tell. */
export function exactly(map: Readonly<Record<string, unknown>>, key: string): unknown {
  const tell = (map as { readonly [exact]?: Teller })[exact];
  return tell === undefined || map[key] === undefined ? map[key] : tell(key);
}
