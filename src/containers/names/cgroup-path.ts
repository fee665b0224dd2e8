/** What a cgroup path tells about the container in it. */
export type CgroupIdentity = {
  /** 64 hex digits, or the `<32 hex>-<digits>` of ECS and Fargate; undefined outside of containers. */
  readonly containerId: string | undefined;
  /** With dashes; of a static pod 32 hex digits. */
  readonly podUid: string | undefined;
  /** As the path's prefix names it; undefined where it names none (a bare ID under kubepods is containerd's or Docker's). */
  readonly runtime: "containerd" | "cri-o" | "docker" | "podman" | undefined;
};

/** /proc/PID/cgroup is no longer than this. */
const maxLength = 64 * 1024;

/**
 * Reads a cgroup path, a leaf of one, a line of /proc/PID/cgroup or the whole file.
 * Lines with kubepods go first: on a hybrid host they name the pod where others name a session.
 * Segments are read from the right, so that the innermost container wins; a leaf below it does not hide it.
 */
export function parseCgroup(text: string): CgroupIdentity {
  const lines = linesOf(text);
  for (const path of lines) {
    const found = container(path);
    if (found !== undefined) return { ...found, podUid: podUid(path) };
  }
  return { containerId: undefined, podUid: podUid(lines[0] ?? ""), runtime: undefined };
}

/** The paths in a text, each once, those in pods first. */
function linesOf(text: string): readonly string[] {
  const lines = text
    .slice(0, maxLength)
    .split("\n")
    .map(pathOf)
    .filter((path) => path !== "");
  return [...new Set([...lines.filter((path) => path.includes("kubepods")), ...lines])];
}

/** Cuts `hierarchy:controllers:` off a line of /proc/PID/cgroup, and what the kernel writes behind a cgroup that is gone before its processes are. */
function pathOf(line: string): string {
  return line
    .trim()
    .replace(/^\d+:[^:/]*:(?=\/)/, "")
    .replace(/ \(deleted\)$/, "");
}

/** As many hierarchies as there are, and as many cgroups in one another as one looks at; what is around them is not of a container. */
const maxPaths = 16;
const maxSegments = 64;

const conmon = /(?:^|-)(?:crio|libpod)-conmon-/;
const idPattern = /^(?:(.*)[-:])?([0-9a-f]{64}|[0-9a-f]{32}-\d+)$/i;

type Container = Pick<CgroupIdentity, "containerId" | "runtime">;

function container(path: string): Container | undefined {
  const segments = path.split("/");
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = (segments[i] ?? "").replace(/\.scope$/, "");
    // conmon watches a container of CRI-O or Podman from a cgroup with the container's ID, outside of the container.
    if (conmon.test(segment)) return undefined;
    const match = idPattern.exec(segment);
    if (match?.[2] !== undefined && !isPodOfPodman(segment, segments[i - 1]))
      return { containerId: match[2].toLowerCase(), runtime: runtimeOf(match[1] ?? "", segments.slice(0, i)) };
  }
  return undefined;
}

/** There containers have a prefix, and only pods have bare IDs, with conmon in them. */
function isPodOfPodman(segment: string, parent: string | undefined): boolean {
  return parent === "libpod_parent" && !segment.includes("-");
}

/** Parents under which only Docker puts bare IDs: its own, ECS' and GitHub's runners'. */
const dockerParents = new Set(["docker", "ecs", "actions_job"]);

function runtimeOf(prefix: string, parents: readonly string[]): CgroupIdentity["runtime"] {
  if (/(?:cri-containerd|nerdctl)$/.test(prefix)) return "containerd";
  if (prefix.endsWith("crio")) return "cri-o";
  // Beside conmon in one service, as Quadlet has it, the container is the payload.
  if (/libpod(?:-payload)?$/.test(prefix)) return "podman";
  if (prefix.endsWith("docker")) return "docker";
  if (prefix === "" && parents.some((parent) => dockerParents.has(parent)) && !parents.includes("kubepods"))
    return "docker";
  return undefined;
}

const uidPattern =
  /pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?![0-9a-f])/gi;

/** The last pod in the path: a kind node's own pod stands before those that it runs. */
function podUid(path: string): string | undefined {
  return [...path.matchAll(uidPattern)].at(-1)?.[1]?.replaceAll("_", "-").toLowerCase();
}

/** Every cgroup that a text names, from the innermost out, each with the container that its last segment names; and the pod. */
export type CgroupsInside = {
  readonly paths: readonly { readonly path: string; readonly containerId: string | undefined }[];
  readonly podUid: string | undefined;
};

/** As parseCgroup(), with the cgroups around the innermost one. A process beside a container (conmon) is in none of them, but in the pod. */
export function cgroupsInside(text: string): CgroupsInside {
  const lines = linesOf(text);
  const paths = lines.slice(0, maxPaths).flatMap((line) => {
    const segments = line.split("/");
    const from = Math.max(segments.findLastIndex((segment) => conmon.test(segment)) + 1, segments.length - maxSegments);
    const inside: { path: string; containerId: string | undefined }[] = [];
    for (let i = segments.length - 1, path = line; i >= from; i--) {
      const segment = segments[i] ?? "";
      inside.push({ path, containerId: idPattern.exec(segment.replace(/\.scope$/, ""))?.[2]?.toLowerCase() });
      path = path.slice(0, -segment.length - 1);
    }
    return inside;
  });
  return { paths: paths.filter(({ path }) => path !== ""), podUid: lines.map(podUid).find((uid) => uid !== undefined) };
}

/**
 * Expands runtimeSpec.linux.cgroupsPath to the path below a hierarchy's root. `slice:prefix:name` is systemd's form:
 * the slice's name spells its parents (`a-b.slice` lies in `a.slice`), the leaf is `prefix-name.scope`. A plain path stays.
 */
export function expandCgroupsPath(cgroupsPath: string): string {
  const parts = cgroupsPath.split(":");
  const [slice = "", prefix = "", name = ""] = parts;
  if (parts.length !== 3 || slice.includes("/")) return cgroupsPath.startsWith("/") ? cgroupsPath : `/${cgroupsPath}`;
  const leaf = name.endsWith(".slice") ? name : prefix === "" ? `${name}.scope` : `${prefix}-${name}.scope`;
  return `${expandSlice(slice === "" ? "system.slice" : slice)}/${leaf}`;
}

/** As systemd: `kubepods-burstable.slice` is `/kubepods.slice/kubepods-burstable.slice`; `-.slice` is the root. */
function expandSlice(slice: string): string {
  if (slice === "-.slice") return "";
  const steps = slice.replace(/\.slice$/, "").split("-");
  return steps.map((_, i) => `/${steps.slice(0, i + 1).join("-")}.slice`).join("");
}
