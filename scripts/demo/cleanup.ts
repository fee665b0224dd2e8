/** What must be undone, last first, however the demo ends. */
export type Cleanup = {
  /** Remembers how to undo what has just been done. */
  add(what: string, undo: () => Promise<unknown>): void;
  /** Undoes everything once; a failure is said and does not stop the rest. */
  run(): Promise<void>;
};

/** Nothing to undo yet. */
export function createCleanup(): Cleanup {
  const steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];
  let running: Promise<void> | undefined;
  const undoAll = async () => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        console.error(`Cannot clean up ${step.what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  return {
    add(what, undo) {
      steps.push({ what, undo });
    },
    run: () => (running ??= undoAll()),
  };
}
