import type { Pod } from "../../../containers/index/entry.ts";
import type { Entries } from "./key-rules.ts";
import type { WorkloadKind, Workloads } from "../../../containers/names/workload.ts";

/** Labels and annotations, and a uid, of something that a runtime does not know. */
export type Described = { readonly uid?: string | undefined; readonly labels: Entries; readonly annotations: Entries };

/** What others than the runtime know of a pod. */
export type PodSupplement = {
  /** The uid that the API server has: of a static pod that of its mirror. */
  readonly uid?: string | undefined;
  /** As they are now; the runtime has them as they were when the sandbox was made. */
  readonly labels?: Entries | undefined;
  readonly annotations?: Entries | undefined;
  readonly hostname?: string | undefined;
  /** creationTimestamp, in ms since the epoch. */
  readonly createdAt?: number | undefined;
  /** From the owner reference. */
  readonly workloads?: Workloads | undefined;
  /** Images as the pod's spec has them, by container. */
  readonly images?: ReadonlyMap<string, string> | undefined;
};

/** Where it is told; none of it is there unless the file asks for it. */
export type Supplement = {
  /** Grows whenever something in it has changed. */
  version(): number;
  pod(pod: Pod): PodSupplement | undefined;
  /** The uid by which a runtime knows the static pod whose mirror has this uid. */
  runtimeUid(uid: string): string | undefined;
  namespace(name: string): Described | undefined;
  node(name: string): Described | undefined;
  workload(kind: WorkloadKind, namespace: string, name: string): Described | undefined;
  /** The same by its uid, where telemetry names no more of it. */
  workloadOfUid(kind: WorkloadKind, uid: string): Described | undefined;
  cluster(): { readonly uid?: string | undefined } | undefined;
};

/** Nothing but what the runtime knows. */
export const noSupplement: Supplement = {
  version: () => 0,
  pod: () => undefined,
  runtimeUid: () => undefined,
  namespace: () => undefined,
  node: () => undefined,
  workload: () => undefined,
  workloadOfUid: () => undefined,
  cluster: () => undefined,
};
