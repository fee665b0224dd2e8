import { createHook } from "node:async_hooks";

/** What keeps a place in the operating system or in the event loop. */
const watched = /^(?:Timeout|TCP.*|PIPE.*|UDPWRAP|FSEVENTWRAP|STATWATCHER|PROCESSWRAP|HTTP2SESSION)$/;

type Open = { readonly type: string; readonly at: string; readonly resource: object };

/** Watches for timers that code of src/ sets, and for whatever else is opened. */
export type Handles = {
  /** Those that are open now, with the line that opened them. */
  open(): readonly string[];
  end(): void;
};

/** Begins to watch. */
export function watchHandles(): Handles {
  const opened = new Map<number, Open>();
  const hook = createHook({
    init(id, type, _, resource) {
      if (!watched.test(type)) return;
      const [, at] = /\n[^\n]*((?:\/src\/)[^\n)]*)/.exec(new Error().stack ?? "") ?? [];
      // The test runner has timers of its own. A socket is opened behind a look-up of its address, away from who wanted it.
      if (at !== undefined || type !== "Timeout") opened.set(id, { type, at: at ?? "an unknown place", resource });
    },
    destroy: (id) => void opened.delete(id),
  }).enable();
  return {
    open: () => [...opened.values()].filter(isOpen).map(({ type, at }) => `${type} of ${at}`),
    end: () => void hook.disable(),
  };
}

/** A timer that fired or was cleared, and a handle that was closed, is told late or never by its destroy event. */
function isOpen({ type, resource }: Open): boolean {
  if (type === "Timeout") return !("_destroyed" in resource && resource._destroyed === true);
  return true;
}
