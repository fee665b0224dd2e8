import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { builtProgram } from "./built.ts";
import { type CriDaemon, type DaemonOptions, startContainerd, startDaemon } from "./containerd.ts";
import { type Docker, startDocker } from "../engines/docker.ts";

/** A cri-dockerd with the Docker behind it. */
export type CriDockerd = CriDaemon & { readonly docker: Docker };

/** Starts Debian's Docker on a containerd of its own, and cri-dockerd before it, all below `folder`. */
export async function startCriDockerd(options: DaemonOptions): Promise<CriDockerd> {
  const { folder, sandboxImage } = options;
  const home = join(folder, "cri-dockerd");
  const socket = join(home, "c.sock");
  for (const each of ["root", "cni", "cache"]) mkdirSync(join(home, each), { recursive: true, mode: 0o711 });
  const containerd = await startContainerd(options);
  const docker = await startDocker({ folder, containerd: containerd.socket });
  const daemon = await startDaemon(socket, {
    name: "cri-dockerd",
    command: builtProgram("cri-dockerd", "cri-dockerd"),
    args: Object.entries({
      "docker-endpoint": docker.endpoint,
      "container-runtime-endpoint": `unix://${socket}`,
      "cri-dockerd-root-directory": join(home, "root"),
      // An empty folder is enough for pods on the host's network.
      "network-plugin": "cni",
      "cni-conf-dir": join(home, "cni"),
      "cni-bin-dir": join(home, "cni"),
      "cni-cache-dir": join(home, "cache"),
      "pod-infra-container-image": sandboxImage,
      "streaming-bind-addr": "127.0.0.1:0",
    }).map(([name, value]) => `--${name}=${value}`),
    env: { TMPDIR: home },
  });
  return {
    ...daemon,
    docker,
    async stop() {
      await daemon.stop();
      await docker.stop();
      await containerd.stop();
    },
  };
}
