// Builds the eBPF probes and their loader into bpf/build, and src/ebpf/abi.ts of bpf/include/events.h.
// The latter is committed, so that a checkout reads records without a compiler; a test compares it with a fresh one.
import { fileURLToPath } from "node:url";
import { buildBpf } from "./bpf/compile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  const { status, loader } = buildBpf(root);
  console.log(status === "built" ? `Built ${loader}` : `${loader} is current`);
} catch (cause) {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
}
