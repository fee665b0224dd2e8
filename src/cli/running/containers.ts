import { type Heard, hear } from "../../containers/told.ts";
import { CommandError, type Io } from "../terminal/output.ts";
import { order } from "./running.ts";

type Asking = Pick<Io, "signal"> & { readonly failing: string; readonly isBrief?: boolean };

/** What was heard, and in words of which runtimes it may be old. */
export type HeardNow = Heard & { readonly doubts: readonly string[] };

/** All that the podstamp at a control socket knows of pods and containers, or in brief what a table shows; throws a CommandError that begins with `failing` when it does not say. */
export async function runningContainers(path: string, { signal, failing, isBrief = false }: Asking): Promise<HeardNow> {
  const items: unknown[] = [];
  const { ok, lines } = await order(
    path,
    { signal, failing },
    {
      order: "containers",
      ...(isBrief ? { question: { brief: true } } : {}),
      onItem: (item) => void items.push(...(Array.isArray(item) ? (item as readonly unknown[]) : [item])),
    },
  );
  if (!ok) throw new CommandError(`${failing}: ${lines.join("; ")}`);
  // Two processors that follow the same runtimes say the same.
  return { ...hear(items), doubts: [...new Set(lines)] };
}
