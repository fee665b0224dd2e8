import { accessSync, constants, readlinkSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { knownEndpoints, pathHere } from "../../../runtimes/discovery/discovery.ts";
import type { RuntimeSource } from "../../../runtimes/facts.ts";
import { placesOf } from "../../../runtimes/discovery/places.ts";
import { isReplacedMount } from "../../../runtimes/discovery/replaced-mount.ts";
import { missing, replaced, replacedTodo } from "../../../runtimes/discovery/socket-advice.ts";
import { socketPath } from "../../../runtimes/discovery/socket.ts";
import { noMetrics } from "../../../telemetry/no-metrics.ts";
import { type Finding, findingsOf } from "../finding.ts";
import { type Self, textOf } from "../self.ts";
import type { Place, Subject } from "../subject.ts";

const { ok, problem } = findingsOf("socket");

/** A runtime whose socket may be connected to. */
export type Reachable = { readonly source: RuntimeSource; readonly place: Place };

/** Which sockets of runtimes there are, and whether this user may connect to them. */
export function checkSockets(subject: Subject): {
  readonly findings: readonly Finding[];
  readonly reachable: readonly Reachable[];
} {
  const checked = subject.places.map((place) => {
    const sources = placesOf(place.runtimes, place.hostRoot, {
      environment: subject.io.env,
      metrics: noMetrics,
    }).find();
    if (sources.length === 0) return { findings: [noneThere(place, subject.self)], reachable: [] };
    const looked = sources.map((source) => ({ source, finding: look(source, place, subject.self) }));
    const reachable = looked.filter(({ finding }) => finding.status === "ok").map(({ source }) => ({ source, place }));
    const isFound = place.runtimes === "auto" && reachable.length > 0;
    return {
      findings: looked.map(({ finding }) => (isFound ? orLeftOut(finding, reachable) : finding)),
      reachable,
    };
  });
  return {
    findings: checked.flatMap(({ findings }) => findings),
    reachable: checked.flatMap(({ reachable }) => reachable),
  };
}

/** Of several that were found by themselves one may not be meant: the containerd of a Docker, to which only root may connect. */
function orLeftOut(finding: Finding, reachable: readonly Reachable[]): Finding {
  if (!("todo" in finding)) return finding;
  const types = [...new Set(reachable.map(({ source }) => `{type: ${source.type}}`))].join(", ");
  return {
    ...finding,
    todo: `${finding.todo}; or where it is not meant, name those that are: cri_attributes: {runtimes: [${types}]}`,
  };
}

function noneThere({ runtimes, hostRoot }: Place, self: Self): Finding {
  const [closed] = knownEndpoints.flatMap((known) => closedFolder(pathHere(hostRoot, socketPath(known))) ?? []);
  if (closed !== undefined) return mayNotEnter(closed, "what runtime listens in it cannot be seen", self);
  const old = knownEndpoints.map((known) => pathHere(hostRoot, socketPath(known))).find(isReplacedMount);
  if (old !== undefined) return problem(`${old}: ${replaced}`, replacedTodo);
  if (!exists(hostRoot))
    return problem(`host_root ${hostRoot} is not there`, "mount the host's / there, read-only, or correct host_root");
  const below = hostRoot === "/" ? "" : ` below ${hostRoot}`;
  const what =
    runtimes === "auto"
      ? `None of the known sockets is there${below}: ${knownPaths(hostRoot).join(", ")}`
      : `No known socket of ${runtimes.map(({ type }) => type).join(", ")} is there${below}`;
  return problem(
    what,
    self.isInContainer
      ? "mount the runtime's socket, or the host's / read-only at /host with host_root: /host"
      : "start the container runtime (Podman has a socket after `systemctl enable --now podman.socket`, without root with --user), or name its socket: cri_attributes: {runtimes: [{type: cri, endpoint: unix:///PATH}]}",
  );
}

/** Each place once: mostly /var/run is a name of /run. */
function knownPaths(hostRoot: string): readonly string[] {
  const isLink = /^(?:\/|\.\.\/)run\/?$/.test(linkAt(join(hostRoot, "var/run")));
  const paths = knownEndpoints.map(socketPath);
  return [...new Set(isLink ? paths.map((path) => path.replace(/^\/var\/run\//, "/run/")) : paths)];
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // a folder of its own, or none
  }
}

function look({ label, instance }: RuntimeSource, { hostRoot }: Place, self: Self): Finding {
  const path = pathHere(hostRoot, socketPath(label));
  const closed = closedFolder(path);
  if (closed !== undefined) return mayNotEnter(closed, `${path} is not reached`, self);
  if (instance() === "" && isReplacedMount(path)) return problem(`${path}: ${replaced}`, replacedTodo);
  if (instance() === "")
    return problem(
      `${path}: ${exists(path) ? "no socket, but something else" : missing(path)}`,
      self.isInContainer
        ? "mount it from the host; `ls -l` there says whether the runtime has it elsewhere"
        : "start the runtime, or name the socket that it has; without a name every known place is looked at",
    );
  if (may(path, constants.R_OK | constants.W_OK)) return ok(`${path} is there, and user ${self.uid} may connect`);
  return problem(`${path}: permission denied to user ${self.uid}${owned(path)}`, permissionTodo(path, hostRoot, self));
}

function mayNotEnter(folder: string, so: string, self: Self): Finding {
  return problem(
    `Permission denied: user ${self.uid} may not enter ${folder}, so ${so}`,
    self.isInContainer
      ? "run the container as user 0 (without capabilities), or with a group that may enter it"
      : `run podstamp as root, or let it in: setfacl -m u:${userOf(self)}:x ${folder}`,
  );
}

/** The kernel's overflow number of users and groups. */
const unknownOwner = 65534;

/** The exact thing to do; docs/security.md says what access to the socket means. */
function permissionTodo(path: string, hostRoot: string, self: Self): string {
  const { mode, gid, uid } = statSync(path);
  const isGroups = (mode & 0o020) !== 0;
  // In a user namespace the owners that it does not know are all shown as this one: no group that is added here is the socket's.
  if (!self.hasHostUsers && uid === unknownOwner && gid === unknownOwner)
    return "run the container in the host's user namespace, in which the socket's group is: docker run --userns host, or in a pod hostUsers: true";
  if (self.isInContainer)
    return isGroups
      ? `securityContext: {supplementalGroups: [${gid}]} of the pod (docker: --group-add ${gid})`
      : `securityContext: {runAsUser: ${uid}} of the pod, with all capabilities dropped`;
  const group = nameOf(`${hostRoot}/etc/group`, gid);
  const user = userOf(self);
  if (isGroups && gid !== 0) return `usermod -aG ${group ?? gid} ${user}, then start podstamp again`;
  return `run podstamp as root, or setfacl -m u:${user}:rw ${path} (until the runtime starts again)`;
}

function userOf({ uid }: Self): string {
  return nameOf("/etc/passwd", uid) ?? String(uid);
}

function owned(path: string): string {
  const { mode, uid, gid } = statSync(path);
  const group = nameOf("/etc/group", gid);
  return `: it is user ${uid}'s and group ${group ?? gid}'s, with mode ${(mode & 0o777).toString(8).padStart(4, "0")}`;
}

/** The name of a number in a file such as /etc/group. */
function nameOf(file: string, number: number): string | undefined {
  return textOf(file)
    .split("\n")
    .map((line) => line.split(":"))
    .find(([, , id]) => id === String(number))?.[0];
}

/** The outermost folder of a path that may not be entered. */
function closedFolder(path: string): string | undefined {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) folders.unshift(folder);
  return folders.find((folder) => exists(folder) && !may(folder, constants.X_OK));
}

function may(path: string, how: number): boolean {
  try {
    accessSync(path, how);
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  return may(path, constants.F_OK);
}
