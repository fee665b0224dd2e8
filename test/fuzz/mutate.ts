/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** From 0 up to `end`, without it. */
  below(end: number): number;
};

/** The generator mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return { below: (end) => (end <= 0 ? 0 : next() % end) };
}

const maxBytes = 64 * 1024;
const oddBytes = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x20, 0x22, 0x24, 0x2f, 0x3a, 0x7b, 0x7d];

/** A few changes of the kinds that parsers stumble over: bits, lengths, cuts, repeats, pieces of another input. */
export function mutate(seed: Buffer, other: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let count = 1 + random.below(6); count > 0; count--) bytes = changed(bytes, other, random);
  return bytes.subarray(0, maxBytes);
}

function changed(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const length = 1 + random.below(Math.min(64, bytes.length - at));
  switch (random.below(8)) {
    case 0:
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at] = oddBytes[random.below(oddBytes.length)] ?? 0;
      return bytes;
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 5: {
      const from = random.below(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + length), bytes.subarray(at)]);
    }
    case 6: {
      const noise = Buffer.from(Array.from({ length: 1 + random.below(12) }, () => random.below(256)));
      return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
    }
    default: {
      // The same piece many times: what is nested or counted grows.
      const piece = bytes.subarray(at, at + length);
      const times = 1 + random.below(200);
      return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at)]);
    }
  }
}

const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  "",
  "\u0000",
  "\u202e\u001b[31m",
  "a".repeat(5000),
  "__proto__",
  "sha256:",
  "0001-01-01T00:00:00Z",
  [],
  {},
  [[[[[]]]]],
  { __proto__: null },
];

/** A document with a few of its values replaced, taken away or put elsewhere. */
export function mutateJson(document: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(document);
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      visit(holder[key]);
    }
  };
  visit(copy);
  for (let count = 1 + random.below(5); count > 0 && places.length > 0; count--) {
    const place = places[random.below(places.length)];
    if (place === undefined) continue;
    const other = places[random.below(places.length)];
    const how = random.below(4);
    if (how === 0) delete place.holder[place.key];
    else if (how === 1 && other !== undefined) place.holder[place.key] = structuredClone(other.holder[other.key]);
    else place.holder[place.key] = oddValues[random.below(oddValues.length)];
  }
  return copy;
}
