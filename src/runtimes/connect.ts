import type { ConnectOptions } from "./connect-options.ts";
import type { Runtime, RuntimeType } from "./facts.ts";

/** Connects and asks for the version; rejects with what to do when nobody answers. */
export type Connect = (options: ConnectOptions, signal: AbortSignal) => Promise<Runtime>;

const cri: Connect = async (options, signal) => (await import("./cri/cri.ts")).connectCri(options, signal);
const any: Connect = async (options, signal) => (await import("./cri/cri.ts")).connectAny(options, signal);
const engine: Connect = async (options, signal) =>
  (await import("./engines/connect.ts")).connectEngine(options, signal);

/** How each type of runtime is spoken to; loaded when it is. */
export const connectors: Readonly<Record<RuntimeType, Connect>> = {
  containerd: cri,
  "cri-o": cri,
  "cri-dockerd": cri,
  docker: engine,
  podman: engine,
  cri: any,
};
