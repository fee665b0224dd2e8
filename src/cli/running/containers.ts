import { type Heard, hear } from "../../containers/told.ts";
import { CommandError, type Io } from "../terminal/output.ts";
import { order } from "./running.ts";

/** All that the podstamp at a control socket knows of pods and containers; throws a CommandError that begins with `failing` when it does not say. */
export async function runningContainers(
  path: string,
  { signal, failing }: Pick<Io, "signal"> & { readonly failing: string },
): Promise<Heard> {
  const items: unknown[] = [];
  const { ok, lines } = await order(
    path,
    { signal, failing },
    { order: "containers", onItem: (item) => void items.push(item) },
  );
  if (!ok) throw new CommandError(`${failing}: ${lines.join("; ")}`);
  return hear(items);
}
