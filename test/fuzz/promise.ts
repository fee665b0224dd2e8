/** What a target says of itself must hold for every input; else the input is kept. */
export function mustBe(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`Broken promise: ${what}`);
}
