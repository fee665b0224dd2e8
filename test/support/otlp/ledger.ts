import type { Received } from "./sink.ts";

/** Whose a span is; undefined for one of a container that never existed. */
export type Owner = { readonly pod: string; readonly container: string; readonly id: string };

/** What became of the spans that were sent: `podOnly` have the right pod and no container. */
export type Tally = { right: number; podOnly: number; unstamped: number; wrong: number; missing: number };

/** Remembers whose each span is, by its name, and compares what arrived. */
export function createLedger() {
  const owners = new Map<string, Owner | undefined>();
  return {
    expect: (name: string, owner: Owner | undefined) => void owners.set(name, owner),
    size: () => owners.size,
    /** Of the spans whose owner fits. */
    tally(received: readonly Received[], fits: (owner: Owner | undefined) => boolean = () => true): Tally {
      const tally: Tally = { right: 0, podOnly: 0, unstamped: 0, wrong: 0, missing: 0 };
      const seen = new Map(received.map((record) => [record.name, record]));
      for (const [name, owner] of owners) {
        if (!fits(owner)) continue;
        const record = seen.get(name);
        if (record === undefined) tally.missing++;
        else if (record.resource["k8s.pod.name"] === undefined) tally.unstamped++;
        else if (isOf(record, owner)) tally.right++;
        else if (isOfPod(record, owner)) tally.podOnly++;
        else tally.wrong++;
      }
      return tally;
    },
  };
}

function isOfPod({ resource }: Received, owner: Owner | undefined): boolean {
  return resource["k8s.pod.name"] === owner?.pod && resource["k8s.container.name"] === undefined;
}

function isOf({ resource }: Received, owner: Owner | undefined): boolean {
  if (owner === undefined || resource["k8s.pod.name"] !== owner.pod) return false;
  const id = resource["container.id"];
  return (
    resource["k8s.container.name"] === owner.container && typeof id === "string" && id !== "" && owner.id.startsWith(id)
  );
}
