/** The word most like the one written, when it is close enough to be what was meant. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestCost = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const word of known) {
    if (Math.abs(word.length - written.length) >= bestCost) continue;
    const cost = editCost(written.toLowerCase(), word.toLowerCase());
    if (cost < bestCost) [best, bestCost] = [word, cost];
  }
  return best;
}

/** Levenshtein's distance, with a swap of neighbours counted once. */
function editCost(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((row[j - 1] ?? 0) + 1, (last[j] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
