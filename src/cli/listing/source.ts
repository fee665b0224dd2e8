import type { Heard } from "../../containers/told.ts";
import type { Args } from "../terminal/args.ts";
import { isEndpointNamed } from "../node/endpoint.ts";
import type { NodeQuestion } from "../node/snapshot.ts";
import { clean, CommandError, type Io } from "../terminal/output.ts";
import { type HeardNow, runningContainers } from "../running/containers.ts";
import { findRunning } from "../running/running.ts";

/** How long a running podstamp may take to tell what it knows, in ms. */
const patienceMs = 3000;

/** Who lists. */
export type Lister = {
  /** The user whose podstamp is asked. */
  readonly uid?: number | undefined;
  /** A podstamp that lists for somebody else knows all itself: it asks no other one, and no runtime. */
  readonly known?: (isBrief: boolean) => Promise<HeardNow>;
};

export type Asking = Lister & { readonly io: Io };

/**
 * Pods and containers from the podstamp that runs, which knows them already, else from the runtimes: the runtimes alone when one was
 * named or --from says so.
 */
export async function nodeEntries(args: Args, { io, uid, known }: Asking, question: NodeQuestion): Promise<Heard> {
  const from = args.text("from");
  const isMeant = from === "podstamp" || args.text("socket") !== undefined || args.text("pid") !== undefined;
  // Labels and all names of an image are looked at only where they are asked for.
  const isBrief = question.describe === undefined && question.images !== "always" && args.texts("label").length === 0;
  if (isMeant || (from === undefined && !isEndpointNamed(args, io))) {
    const hear = known ?? ((brief: boolean) => fromRunning(args, { io, uid }, brief));
    const heard = await hear(isBrief).catch((error: unknown) => {
      if (isMeant || known !== undefined) throw error;
    });
    // One that knows nobody does not say whether that is for want of a runtime: the runtimes do.
    if (heard !== undefined && (isMeant || heard.pods.length + heard.containers.length > 0)) {
      for (const doubt of heard.doubts) io.err(`${clean(doubt)}\n`);
      return heard;
    }
  }
  if (known !== undefined)
    throw new CommandError("Cannot list what a podstamp does not know: the runtimes must be asked");
  // Whoever is answered by a podstamp does not wait for the code that asks runtimes.
  const { snapshot } = await import("../node/snapshot.ts");
  return { ...(await snapshot(args, io, question)), gone: new Set() };
}

/** Rejects with a CommandError when there is none that answers, or it is not clear which. */
async function fromRunning(args: Args, { io, uid }: Asking, isBrief: boolean): Promise<HeardNow> {
  const failing = "Cannot list what podstamp knows";
  const running = await findRunning(args, { io, uid });
  if (running.status !== "one") throw new CommandError(`${failing}: ${running.problem}`);
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(patienceMs)]);
  return runningContainers(running.path, { signal, failing, isBrief });
}
