/** Tests a name, in which `*` of the pattern stands for any text. */
export type NameTest = (name: string) => boolean;

/** Whether it can be a pattern of names: not empty, not too long, and not of so many `*` that it takes time to test. */
export function isPattern(pattern: string): boolean {
  return pattern !== "" && pattern.length <= 512 && pattern.split("*").length <= 6;
}

/** Passes what fits one of the patterns; undefined without any. */
export function anyOf(patterns: readonly string[]): NameTest | undefined {
  if (patterns.length === 0) return undefined;
  const tests = patterns.map(testOf);
  return (name) => tests.some((test) => test(name));
}

function testOf(pattern: string): NameTest {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > name.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
}
