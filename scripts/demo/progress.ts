/** Says what happens, with the time since the beginning. */
export type Progress = {
  /** One line for a step that begins now. */
  step(text: string): void;
  /** One line about the step, below it. */
  detail(text: string): void;
  /** How long it has taken so far, as in "3.2 s". */
  elapsed(): string;
};

/** Progress on standard output. */
export function createProgress(): Progress {
  const begun = performance.now();
  const elapsed = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  return {
    step: (text) => console.log(`${elapsed().padStart(7)}  ${text}`),
    detail: (text) => console.log(`${" ".repeat(9)}${text}`),
    elapsed,
  };
}
