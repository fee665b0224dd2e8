import type { handleUnaryCall, status } from "@grpc/grpc-js";

/** The calls of CRI v1 that this server answers, and containerd's Subscribe. */
export type CriMethod =
  | "Version"
  | "ListPodSandbox"
  | "ListContainers"
  | "PodSandboxStatus"
  | "ContainerStatus"
  | "ImageStatus"
  | "ListImages"
  | "Subscribe";

type Fault =
  | { readonly kind: "slow"; readonly ms: number }
  | { readonly kind: "garbage" }
  | { readonly kind: "status"; readonly code: status };

/** See createFaults. */
export type Faults = ReturnType<typeof createFaults>;

/** Counts calls and makes them slow, wrong or endless as a test says. */
export function createFaults() {
  const counts = new Map<CriMethod, number>();
  const faults = new Map<CriMethod, Fault>();
  let frozen: (() => void)[] | undefined;
  return {
    calls: (method: CriMethod) => counts.get(method) ?? 0,
    count: (method: CriMethod) => counts.set(method, (counts.get(method) ?? 0) + 1),
    set(method: CriMethod, fault: Fault | undefined) {
      if (fault === undefined) faults.delete(method);
      else faults.set(method, fault);
    },
    of: (method: CriMethod) => faults.get(method),
    freeze() {
      frozen ??= [];
    },
    thaw() {
      const waiting = frozen ?? [];
      frozen = undefined;
      for (const go of waiting) go();
    },
    /** Calls back when the server is not frozen. */
    whenThawed(go: () => void) {
      if (frozen === undefined) go();
      else frozen.push(go);
    },
  };
}

/** Bytes that begin like a message and end in the middle of a field. */
const garbage = Buffer.from("0affffff7f", "hex");

/** Answers one method, counted and with its faults; an answer with `details` is an error of gRPC. */
export function answering<Q, R>(
  faults: Faults,
  name: CriMethod,
  answer: (request: Q) => R | { code: status; details: string },
): handleUnaryCall<Q, R> {
  return (call, done) => {
    faults.count(name);
    const fault = faults.of(name);
    const reply = () => {
      const result = answer(call.request);
      if (typeof result === "object" && result !== null && "details" in result) done(result);
      else done(null, result as R);
    };
    faults.whenThawed(() => {
      if (fault?.kind === "status") done({ code: fault.code, details: "told to fail" });
      // The service's serializer passes bytes on as they are.
      else if (fault?.kind === "garbage") done(null, garbage as R);
      else if (fault?.kind === "slow") setTimeout(reply, fault.ms).unref();
      else reply();
    });
  };
}
