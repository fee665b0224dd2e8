import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects garbage: that of young objects, which takes about a millisecond, or all of it. */
export type Collect = (which: "young" | "all") => void;

/** V8's own collector, which Node gives out only when asked; undefined where it does not. */
export function collector(): Collect | undefined {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof gc !== "function") return undefined;
  const run = (type: "minor" | "major"): unknown => Reflect.apply(gc, undefined, [{ type, execution: "sync" }]);
  return (which) => {
    run(which === "young" ? "minor" : "major");
    // Buffers that one finds dead are sometimes given back only by the next.
    if (which === "all") run("major");
  };
}
