import { randomBytes } from "node:crypto";
import { identifyImage, type ImageIdentity } from "../../../src/containers/index/image-identity.ts";
import { connectors } from "../../../src/runtimes/connect.ts";
import type { ContainerDetails, ContainerFacts, Hint, Runtime, RuntimeType } from "../../../src/runtimes/facts.ts";
import { noMetrics } from "../../../src/telemetry/no-metrics.ts";
import { eventually } from "../eventually.ts";

const metrics = noMetrics;

export const never = new AbortController().signal;

export type Place = {
  readonly type: RuntimeType;
  readonly endpoint: string;
  readonly path?: string;
  readonly namespaces?: readonly string[];
};

/** Lends a connection to a real runtime. */
export async function connected<T>(place: Place, use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = await connectors[place.type]({ ...place, timeoutMs: 10_000, metrics }, never);
  try {
    return await use(runtime);
  } finally {
    runtime.close();
  }
}

/** All that podstamp gets to know about one container. */
export type Told = {
  readonly facts: ContainerFacts;
  readonly details: ContainerDetails;
  readonly image: ImageIdentity;
};

/** Finds and describes a container by its ID. */
export async function told(runtime: Runtime, id: string): Promise<Told> {
  const { containers } = await runtime.find(id, never);
  const facts = containers.find((container) => container.id === id);
  if (facts === undefined) throw new Error(`Cannot find container ${id}`);
  const details = await runtime.describeContainer(facts, never);
  return { facts, details, image: identifyImage(facts.image, details.image) };
}

/**
 * What a follower hears of one ID, until it is told of `last`; `act` makes it happen, and `probe` something else to hear of first: it gets
 * a name that no attempt had before, since one that failed halfway may have left what has it.
 */
export async function heard(
  runtime: Runtime,
  { probe, act, last }: { probe: (name: string) => Promise<void>; act: () => Promise<string>; last: Hint["change"] },
): Promise<readonly Hint["change"][]> {
  const hints: Hint[] = [];
  const mark = randomBytes(4).toString("hex");
  let attempts = 0;
  const stop = new AbortController();
  const following = runtime.follow?.((hint) => hints.push(hint), stop.signal);
  // Who fails before it is awaited says why by itself.
  following?.catch(() => {});
  // Nobody answers a subscription: it is there once something was heard.
  await eventually(
    async () => {
      await probe(`probe-${mark}-${attempts++}`);
      return hints.length > 0;
    },
    { what: "a first hint" },
  );
  const id = await act();
  const changes = () => hints.filter((hint) => hint.id === id).map(({ change }) => change);
  await eventually(() => changes().includes(last), { what: `the hint that it is ${last}` });
  stop.abort();
  await following;
  return changes();
}
