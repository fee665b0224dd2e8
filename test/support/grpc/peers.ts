import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { installMissing, whereIs, whyNotInstalling } from "../machine/machine.ts";
import type { Need } from "../machine/machine.ts";

/** Debian's own Python: others do not have Debian's packages. */
const python = "/usr/bin/python3";

function hasPythonGrpc(): boolean {
  return spawnSync(python, ["-c", "import grpc"]).status === 0;
}

/** What grpc-java needs, where Debian puts it. */
const jars = [
  "grpc-api",
  "grpc-core",
  "grpc-context",
  "grpc-netty",
  "grpc-stub",
  "guava",
  "gson",
  "perfmark-api",
  "perfmark-impl",
  "opencensus-api",
  "netty-buffer",
  "netty-codec",
  "netty-codec-http",
  "netty-codec-http2",
  "netty-common",
  "netty-handler",
  "netty-handler-proxy",
  "netty-resolver",
  "netty-transport",
].map((name) => `/usr/share/java/${name}.jar`);

function hasJars(): boolean {
  return jars.every((jar) => existsSync(jar));
}

/** Programs of others that speak HTTP/2 and gRPC, and shells that complete our command line. */
const needs: readonly Need[] = [
  { program: "curl", package: "curl" },
  { program: "nghttp", package: "nghttp2-client" },
  { program: "h2load", package: "nghttp2-client" },
  { program: "nginx", package: "nginx" },
  { program: "python", package: "python3-grpcio", isThere: hasPythonGrpc },
  { program: "zsh", package: "zsh" },
  { program: "fish", package: "fish" },
];

/** Java itself is not installed for the sake of a test, only what is missing beside it. */
const needsOfJava: readonly Need[] = [
  "libgrpc-java",
  "libnetty-java",
  "libguava-java",
  "libperfmark-java",
  "libgoogle-gson-java",
].map((name) => ({ program: name, package: name, isThere: hasJars }));

/** Installs what this machine lacks and says so. Returns why it cannot, or undefined. */
export function setUpPeers(say: (line: string) => void): string | undefined {
  const why = whyNotInstalling();
  if (why !== undefined) return why;
  const wanted = whereIs("javac") === undefined ? needs : [...needs, ...needsOfJava];
  if (installMissing(wanted, say) === 0) say("other programs that speak HTTP/2 and gRPC are installed");
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

/** How grpc-java is started, with a source as the next argument; or why it is not. */
export function findGrpcJava(): { readonly path: string; readonly args: readonly string[] } | { readonly why: string } {
  const path = whereIs("java");
  if (path === undefined || whereIs("javac") === undefined) return { why: "there is no JDK on this machine" };
  if (hasJars()) return { path, args: ["-Dfile.encoding=UTF-8", "-cp", jars.join(delimiter)] };
  const why = whyNotInstalling();
  if (why === undefined) throw new Error("Cannot use grpc-java: npm test installs it, and it is not there");
  return { why: `grpc-java is not installed, and ${why}` };
}
