/**
 * The Huffman code of RFC 7541 (section 5.2, appendix B). It is canonical: within one length the codes stand in the order of their
 * symbols, so the lengths say all. One for each byte, then EOS.
 */
const lengths = Uint8Array.from(
  `13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
  6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
  13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
  15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
  20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
  26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
  20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
  30`
    .split(/\s+/)
    .map(Number),
);

const EOS = 256;
const nowhere: Level = { leaves: 0, code: 0, symbols: 0, nodes: 0 };
const longest = 30;
const levels = levelsOf();
/** The symbols in the order of their codes. */
const sorted = new Uint16Array(lengths.length);
const codes = codesOf();

/**
 * Of each depth of the tree: how many codes have this length, the first of them, and how many symbols and inner nodes are above. The
 * leaves of a depth stand before its inner nodes, whose children are the next depth: so no tree has to be built.
 */
type Level = { readonly leaves: number; readonly code: number; readonly symbols: number; readonly nodes: number };

function levelsOf(): readonly Level[] {
  const counts = new Uint16Array(longest + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  const made: Level[] = [];
  let [code, symbols, nodes, width] = [0, 0, 0, 1];
  for (const leaves of counts) {
    made.push({ leaves, code, symbols, nodes });
    code = (code + leaves) * 2;
    symbols += leaves;
    nodes += width - leaves;
    width = (width - leaves) * 2;
  }
  return made;
}

function codesOf(): Uint32Array {
  const made = new Uint32Array(lengths.length);
  const taken = new Uint16Array(longest + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] ?? 0;
    const { code, symbols } = levels[length] ?? nowhere;
    const at = taken[length] ?? 0;
    taken[length] = at + 1;
    made[symbol] = code + at;
    sorted[symbols + at] = symbol;
  }
  return made;
}

/** In a step: the node that is reached, the byte that was completed on the way, whether one was, and whether this is no code. */
const nodeMask = 0xff;
const symbolShift = 8;
const hasSymbol = 0x1_0000;
const isBroken = 0x2_0000;

/**
 * What four bits lead to from each inner node of the tree, 16 steps for each; 0 until it is asked for: all of them at once take
 * longer than all that a short command reads.
 */
const steps = new Uint32Array(256 * 16);

/** The nodes where a string may end. */
const mayEnd = endsOf();

function makeStep(at: number): number {
  const made = stepOf(at >>> 4, at & 15);
  steps[at] = made;
  return made;
}

/** At most seven bits of padding, all ones (section 5.2). */
function endsOf(): Uint8Array {
  const ends = new Uint8Array(256);
  for (let node = 0, depth = 0; depth < 8; depth++) {
    ends[node] = 1;
    node = childOf(node, 1);
  }
  return ends;
}

/** One of the two children of an inner node; a leaf is the complement of its symbol. */
function childOf(node: number, bit: number): number {
  let depth = 0;
  while ((levels[depth + 1]?.nodes ?? 256) <= node) depth++;
  const below = levels[depth + 1] ?? nowhere;
  const place = (node - (levels[depth]?.nodes ?? 0)) * 2 + bit;
  return place < below.leaves ? ~(sorted[below.symbols + place] ?? 0) : below.nodes + place - below.leaves;
}

/** No code has fewer than five bits: four complete at most one. */
function stepOf(from: number, nibble: number): number {
  let node = from;
  let found = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const child = childOf(node, (nibble >>> bit) & 1);
    if (child >= 0) {
      node = child;
    } else {
      if (~child === EOS) return isBroken;
      found = hasSymbol | (~child << symbolShift);
      node = 0;
    }
  }
  return found | node;
}

/** A code has at least five bits, so that eight of its bytes make at most this many, … */
const mostFrom = (bytes: number): number => Math.ceil((bytes * 8) / 5);
/** … and strings shorter than this need no memory of their own. */
const scratch = Buffer.allocUnsafeSlow(8 * 1024);

/**
 * Decodes block[start, end) as a Huffman-coded string into one character for each byte; undefined when it is none: padding that is
 * longer than seven bits or has a zero, or the code of EOS (RFC 7541, section 5.2).
 */
export function decodeHuffman(block: Uint8Array, start: number, end: number): string | undefined {
  const most = mostFrom(end - start);
  const text = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  let length = 0;
  let step = 0;
  for (let at = start; at < end; at++) {
    const byte = block[at] ?? 0;
    let next = (step & nodeMask) * 16 + (byte >>> 4);
    step = steps[next] || makeStep(next);
    if (step >= hasSymbol) {
      if (step >= isBroken) return undefined;
      text[length++] = step >>> symbolShift;
    }
    next = (step & nodeMask) * 16 + (byte & 15);
    step = steps[next] || makeStep(next);
    if (step >= hasSymbol) {
      if (step >= isBroken) return undefined;
      text[length++] = step >>> symbolShift;
    }
  }
  return mayEnd[step & nodeMask] === 1 ? text.toString("latin1", 0, length) : undefined;
}

/** How many bytes the Huffman code of `text` takes, of which each character is one byte. */
export function huffmanSize(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += lengths[text.charCodeAt(i) & 0xff] ?? 0;
  return (bits + 7) >>> 3;
}

/** Writes the Huffman code of `text` at `at`, padded with ones, and answers where it ends. There must be room for huffmanSize(text). */
export function putHuffman(target: Uint8Array, at: number, text: string): number {
  let pending = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i) & 0xff;
    let code = codes[symbol] ?? 0;
    let length = lengths[symbol] ?? 0;
    // 7 bits that wait and 30 that come are more than an integer of 32 bits holds.
    if (length > 24) {
      length -= 15;
      pending = (pending << length) | (code >>> 15);
      for (count += length; count >= 8; target[at++] = pending >>> count) count -= 8;
      code &= 0x7fff;
      length = 15;
    }
    pending = (pending << length) | code;
    for (count += length; count >= 8; target[at++] = pending >>> count) count -= 8;
  }
  if (count > 0) target[at++] = (pending << (8 - count)) | (0xff >>> count);
  return at;
}
