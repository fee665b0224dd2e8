import { connectEngine } from "../engines/connect.ts";
import type { ConnectOptions } from "../connect-options.ts";
import type { Runtime } from "../facts.ts";
import { socketPath } from "../discovery/socket.ts";

/** Where Docker listens, on the host. */
const dockerSockets = ["/run/docker.sock", "/var/run/docker.sock"];

export type BehindOptions = ConnectOptions & {
  /** As cri-dockerd tells it: its Docker's. */
  readonly version: string;
  /** The IDs of cri-dockerd's sandboxes: all are containers of its Docker. */
  readonly sandboxes: readonly string[];
};

/**
 * The Docker behind a cri-dockerd, which has no events of its own: where one of Docker's sockets on the same host answers with
 * the same version and knows the same sandboxes. Undefined otherwise: then only lists tell of changes.
 */
export async function dockerBehind(options: BehindOptions, signal: AbortSignal): Promise<Runtime | undefined> {
  for (const socket of dockerSockets) {
    const path = besides(options, socket);
    const docker = await connectEngine({ ...options, endpoint: `unix://${socket}`, path }, signal).catch(
      () => undefined,
    );
    if (docker === undefined) continue;
    if (docker.identity.version === options.version && (await knows(docker, options.sandboxes, signal))) return docker;
    docker.close();
  }
  return undefined;
}

/** The path of another socket of the host as this process sees it: below the same root. */
function besides({ endpoint, path }: ConnectOptions, socket: string): string {
  const own = socketPath(endpoint);
  const root = path?.endsWith(own) === true ? path.slice(0, -own.length) : "";
  return `${root}${socket}`;
}

async function knows(docker: Runtime, sandboxes: readonly string[], signal: AbortSignal): Promise<boolean> {
  const listing = await docker.list(signal).catch(() => undefined);
  const ids = new Set(listing?.pods.map(({ id }) => id));
  return listing !== undefined && sandboxes.every((id) => ids.has(id));
}
