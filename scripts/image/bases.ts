import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { run } from "./commands.ts";
import { type Architecture, debianPackages, type Packages } from "./debian.ts";
import type { Podman } from "./podman.ts";

export type BaseOptions = {
  /** Of the repository. */
  readonly root: string;
  readonly cache: string;
  readonly podman: Podman;
  readonly say: (line: string) => void;
};

/** What Node needs of a system. */
const system = ({ gccBase }: Packages) => [
  "base-files",
  "ca-certificates",
  gccBase,
  "libc6",
  "libgcc-s1",
  "libstdc++6",
];
/** The npm of the image that builds. */
const npm = "11.19.1";
/** What npm and the Dockerfile's steps call. */
const applets = ["sh", "cat", "cp", "env", "ln", "ls", "mkdir", "mv", "rm", "sed", "uname"];
/** To be raised when the same packages make another base. */
const recipe = 3;

/** The image that ours stands on: what distroless images have, made of the same packages of Debian. Gives its name. */
export function makeBase(architecture: Architecture, options: BaseOptions): string {
  const packages = debianPackages(architecture, options.cache);
  return made(`podstamp-base-${architecture}`, packages.fingerprint(system(packages)), {
    ...options,
    architecture,
    fill: (root) => {
      packages.unpack(system(packages), root);
      completeSystem(root);
    },
  });
}

/** An image with nothing but Node of an architecture, from npm. Gives its name. */
export function makeNode(architecture: Architecture, options: BaseOptions): string {
  const { version } = nodePackage(options.root, architecture);
  return made(`podstamp-node-${architecture}`, version, {
    ...options,
    architecture,
    fill: (root) => placeNode(root, architecture, options),
  });
}

/** The image that builds: the base of this machine's architecture, Node, npm and a busybox. Gives its name. */
export function makeBuilder(architecture: Architecture, options: BaseOptions): string {
  const packages = debianPackages(architecture, options.cache);
  const names = [...system(packages), "busybox-static"];
  const { version } = nodePackage(options.root, architecture);
  return made(`podstamp-build-${architecture}`, `${packages.fingerprint(names)}-${version}-${npm}`, {
    ...options,
    architecture,
    fill: (root) => {
      packages.unpack(names, root);
      completeSystem(root);
      placeNode(root, architecture, options);
      const modules = join(root, "usr/local/lib/node_modules");
      unpackFromNpm(`npm@${npm}`, join(modules, "npm"), options);
      symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
      for (const name of applets) symlinkSync("busybox", join(root, "bin", name));
      mkdirSync(join(root, "usr/bin"), { recursive: true });
      // From Debian 13 on /bin is /usr/bin, which has it by now.
      if (!existsSync(join(root, "usr/bin/env"))) symlinkSync("/bin/busybox", join(root, "usr/bin/env"));
    },
  });
}

/** An image with a busybox and one program at its root, and what `finish` puts beside it. Gives its name. */
export function makeCarrier(
  options: BaseOptions & { readonly architecture: Architecture },
  program: string,
  finish: (file: string) => void,
): string {
  const { architecture, cache } = options;
  const hash = createHash("sha256").update(readFileSync(program)).digest("hex").slice(0, 12);
  return made(basename(program), hash, {
    ...options,
    fill: (root) => {
      debianPackages(architecture, cache).unpack(["busybox-static"], root);
      mkdirSync(join(root, "bin"), { recursive: true });
      const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(join(root, path)));
      symlinkSync(busybox ?? "", join(root, "bin/sh"));
      const file = join(root, basename(program));
      cpSync(program, file);
      finish(file);
    },
  });
}

type Making = BaseOptions & {
  readonly architecture: Architecture;
  readonly fill: (root: string) => void;
};

/** The image of that name and fingerprint, made where it is not there yet. */
function made(name: string, fingerprint: string, { cache, podman, say, architecture, fill }: Making): string {
  const full = `localhost/${name}:${recipe}-${fingerprint.replaceAll(/[^A-Za-z0-9_.-]/g, "-")}`;
  if (podman.hasImage(full)) return full;
  say(`making ${full}`);
  const folder = mkdtempSync(join(cache, "base-"));
  try {
    const [root, archive] = [join(folder, "root"), join(folder, "root.tar")];
    mkdirSync(root);
    fill(root);
    const owned = [
      "--sort=name",
      "--mtime=@0",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--xattrs",
      "--xattrs-include=security.capability",
    ];
    run("tar", [...owned, "-C", root, "-cf", archive, "."]);
    const platform = ["--os", "linux", "--arch", architecture, "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin"];
    podman.run(["import", "--quiet", ...platform, archive, full]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return full;
}

/** What the packages' scripts would have made. */
function completeSystem(root: string): void {
  const certificates = globSync("usr/share/ca-certificates/mozilla/*.crt", { cwd: root }).toSorted();
  const files = {
    "etc/passwd": "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    "etc/group": "root:x:0:\nnonroot:x:65532:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
    "etc/ssl/certs/ca-certificates.crt": certificates.map((file) => readFileSync(join(root, file), "utf8")).join(""),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  // The other things are for shells.
  for (const path of [
    "usr/share/ca-certificates",
    "usr/share/man",
    "usr/sbin",
    "etc/update-motd.d",
    "etc/ca-certificates",
  ])
    rmSync(join(root, path), { recursive: true, force: true });
  rmSync(join(root, "var/run"), { recursive: true, force: true });
  symlinkSync("/run", join(root, "var/run"));
  mkdirSync(join(root, "tmp"), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
}

function nodePackage(root: string, architecture: Architecture): { readonly name: string; readonly version: string } {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, "scripts/node/package.json"), "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const name = `node-linux-${architecture === "amd64" ? "x64" : architecture}`;
  return { name, version: optionalDependencies[name] ?? "" };
}

function placeNode(to: string, architecture: Architecture, options: BaseOptions): void {
  const { name, version } = nodePackage(options.root, architecture);
  const local = join(to, "usr/local");
  mkdirSync(join(local, "bin"), { recursive: true });
  // A checkout may have it already.
  const here = join(options.root, "scripts/node/node_modules", name);
  const from = existsSync(join(here, "bin/node")) ? here : join(options.cache, "npm-packages", `${name}-${version}`);
  if (!existsSync(join(from, "bin/node"))) unpackFromNpm(`${name}@${version}`, from, options);
  cpSync(join(from, "bin/node"), join(local, "bin/node"));
  chmodSync(join(local, "bin/node"), 0o755);
  cpSync(join(from, "LICENSE"), join(local, "LICENSE"));
}

/** Unpacks a package from npm, without what it depends on. */
function unpackFromNpm(spec: string, to: string, { cache }: BaseOptions): void {
  const folder = mkdtempSync(join(cache, "npm-"));
  try {
    run("npm", ["pack", "--loglevel", "error", "--pack-destination", folder, spec], { cwd: folder });
    mkdirSync(to, { recursive: true });
    const [archive = ""] = globSync("*.tgz", { cwd: folder });
    run("tar", ["-xzf", join(folder, archive), "-C", to, "--strip-components=1", "--no-same-owner"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
