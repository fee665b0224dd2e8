import { spawnSync } from "node:child_process";
import { installMissing, whereIs, whyNotInstalling } from "./machine.ts";
import type { Need } from "./machine.ts";

/** Debian's own Python: others do not have Debian's packages. */
const python = "/usr/bin/python3";

function hasPythonGrpc(): boolean {
  return spawnSync(python, ["-c", "import grpc"]).status === 0;
}

/** Programs of others that speak HTTP/2 and gRPC. */
const needs: readonly Need[] = [
  { program: "curl", package: "curl" },
  { program: "nghttp", package: "nghttp2-client" },
  { program: "h2load", package: "nghttp2-client" },
  { program: "nginx", package: "nginx" },
  { program: "python", package: "python3-grpcio", isThere: hasPythonGrpc },
];

/** Installs what this machine lacks and says so. Returns why it cannot, or undefined. */
export function setUpPeers(say: (line: string) => void): string | undefined {
  const why = whyNotInstalling();
  if (why !== undefined) return why;
  if (installMissing(needs, say) === 0) say("curl, nghttp2, nginx and Python's grpcio are installed");
  return undefined;
}

export type PeerName = "curl" | "nghttp" | "h2load" | "nginx" | "python";

/** Where one of these programs is, or why a test without it is skipped. On Debian as root that it is missing is a mistake to be seen. */
export function findPeer(name: PeerName): { readonly path: string } | { readonly why: string } {
  const path = name === "python" ? (hasPythonGrpc() ? python : undefined) : whereIs(name);
  if (path !== undefined) return { path };
  const why = whyNotInstalling();
  if (why === undefined) throw new Error(`Cannot use ${name}: npm test installs it, and it is not there`);
  return { why: `${name} is not installed, and ${why}` };
}
