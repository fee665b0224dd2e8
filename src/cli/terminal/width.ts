/** How many columns of a terminal a text takes that has been made clean: letters of East Asia and emoji take two. */
export function columnsOf(text: string): number {
  return isPlain(text) ? text.length : charactersOf(text).reduce((sum, { width }) => sum + width, 0);
}

/** Where the part of a text ends that fits so many columns; no letter is parted from its accents. */
export function endWithin(text: string, columns: number): number {
  if (isPlain(text)) return Math.min(text.length, columns);
  let used = 0;
  for (const { at, width } of charactersOf(text)) {
    used += width;
    if (used > columns) return at;
  }
  return text.length;
}

/** Where the last part of a text begins that fits so many columns. */
export function startWithin(text: string, columns: number): number {
  if (isPlain(text)) return Math.max(0, text.length - columns);
  let used = 0;
  let start = text.length;
  for (const { at, width } of charactersOf(text).toReversed()) {
    used += width;
    if (used > columns) break;
    start = at;
  }
  return start;
}

/** Nearly all texts are. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

type Character = { readonly at: number; readonly width: 1 | 2 };

/** As one sees them: a letter and its accents are one. */
function charactersOf(text: string): readonly Character[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment, index }) => ({ at: index, width: isWide(segment) ? 2 : 1 }));
}

let segmenter: Intl.Segmenter | undefined;

/** Made when it is needed: to read it takes V8 half a millisecond. */
let wide: RegExp | undefined;
/** Half-width forms of the same letters. */
const half = /^[\uff61-\uffdc]/;

function isWide(character: string): boolean {
  wide ??=
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
  return wide.test(character) && !half.test(character);
}
