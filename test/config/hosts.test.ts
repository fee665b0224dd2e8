import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { whereIs } from "../support/machine/machine.ts";
import { findTool } from "../support/machine/tools.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const { version } = JSON.parse(read("package.json")) as { readonly version: string };

function lendFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-hosts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  return { status, output: `${stdout}${stderr}` };
}

type Service = {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
};

type Configuration = {
  readonly processors: Readonly<Record<string, unknown>>;
  readonly service: { readonly pipelines: Readonly<Record<string, { readonly processors: readonly string[] }>> };
};

/** What reads compose files here, with the arguments before them; undefined where nothing does. */
function composeReader(): readonly string[] | undefined {
  const built = findTool("compose-check");
  if (built !== undefined) return [built];
  return run("docker", ["compose", "version"]).status === 0 ? ["docker", "compose", "config", "-f"] : undefined;
}

describe.each(globSync("config/docker/*/compose.yaml", { cwd: root }))("%s", (file) => {
  const { services } = parse(read(file)) as { readonly services: Readonly<Record<string, Service>> };

  test("gives podstamp no more than the socket and its group, and opens no port to other machines", () => {
    expect(services["podstamp"]).toMatchObject({
      image: `\${PODSTAMP_IMAGE:-localhost/podstamp:${version}}`,
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    const ports = Object.values(services).flatMap(({ ports: all = [] }) => all);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });

  test("refuses telemetry before its memory is at the limit at which the kernel would end it", () => {
    expect(services["podstamp"]?.["mem_limit"]).toBe("256m");
    const config = parse(read(join(dirname(file), "podstamp.yaml"))) as Configuration;
    expect(config.processors["memory_limiter"]).toMatchObject({ limit_percentage: 80 });
    for (const { processors } of Object.values(config.service.pipelines)) expect(processors[0]).toBe("memory_limiter");
  });

  test("names files that are there, a backend that is a service, and a version of each image", () => {
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((one) => one.split(":")[0] ?? ""),
    );
    const ours = mounted.filter((path) => path.startsWith("./"));
    expect(ours.filter((path) => !existsSync(join(root, dirname(file), path)))).toEqual([]);
    expect(Object.keys(services)).toContain(services["podstamp"]?.environment?.["OTLP_ENDPOINT"]?.split(":")[0]);
    for (const { image } of Object.values(services)) expect(image).toMatch(/:\d+\.\d+\.\d+\}?$/);
  });

  test("is what Docker's own reader of such files takes", ({ skip }) => {
    const reader = composeReader();
    if (reader === undefined)
      return skip("no `docker compose` here, and compose-check is not built: test/tools/build.sh compose-check");
    const [command = "", ...args] = reader;
    expect(run(command, [...args, join(root, file)], { DOCKER_GID: "998" })).toMatchObject({ status: 0 });
    expect(run(command, [...args, join(root, file)], { DOCKER_GID: "" }).output).toContain(
      "set it to the group of the socket",
    );
  });
});

describe("config/systemd", () => {
  /** The unit as systemd finds it on a machine where podstamp is installed, with those drop-ins. */
  function givenUnit(...dropIns: readonly string[]): string {
    const folder = lendFolder();
    const unit = join(folder, "podstamp.service");
    writeFileSync(unit, read("config/systemd/podstamp.service").replaceAll("/usr/local/bin/podstamp", "/bin/true"));
    mkdirSync(`${unit}.d`);
    for (const name of dropIns) writeFileSync(join(`${unit}.d`, name), read(`config/systemd/${name}`));
    return unit;
  }

  describe("in the eyes of systemd", () => {
    const analyze = whereIs("systemd-analyze") ?? "";
    beforeEach(({ skip }) => skip(analyze === "", "no systemd-analyze here"));

    test.each([[[]], [["user.conf"]], [["ebpf.conf"]]])("the unit with %j has nothing wrong", (dropIns) => {
      const { status, output } = run(analyze, ["verify", givenUnit(...dropIns)]);
      const ours = output.split("\n").filter((line) => line.includes("podstamp"));
      expect({ status, ours }).toEqual({ status: 0, ours: [] });
    });

    // As root, whom the sockets belong to; as a user of its own; with what the loader of the probes needs.
    test.each([
      [[], 2.3],
      [["user.conf"], 1.8],
      // It does not count what ReadOnlyPaths makes of ProtectKernelTunables.
      [["ebpf.conf"], 2.6],
    ])("the unit with %j is exposed by at most %d of 10", (dropIns, most) => {
      const { output } = run(analyze, ["security", "--offline=true", "--no-pager", givenUnit(...dropIns)]);
      expect(Number(/exposure level for podstamp\.service: ([\d.]+)/.exec(output)?.[1])).toBeLessThanOrEqual(most);
    });
  });

  describe("what the loader of the probes needs", () => {
    const dropIn = read("config/systemd/ebpf.conf").split("\n");
    const wordsOf = (key: string) =>
      dropIn.flatMap((line) => (line.startsWith(`${key}=`) ? line.slice(key.length + 1).split(" ") : []));

    test("of the system calls that the unit forbids is allowed", ({ skip }) => {
      const analyze = whereIs("systemd-analyze");
      if (analyze === undefined) return skip("no systemd-analyze here");
      const callsOf = (group: string): readonly string[] =>
        run(analyze, ["syscall-filter", "--no-pager", group])
          .output.split("\n")
          .slice(1)
          .map((line) => line.trim())
          .flatMap((word) => (word.startsWith("@") ? callsOf(word) : /^\w+$/.test(word) ? [word] : []));
      const forbidden = new Set(callsOf("@privileged"));
      const called = [...read("bpf/loader/privileges.c").matchAll(/\b(?:SYS|__NR)_(\w+)/g)].map(
        ([, name = ""]) => name,
      );
      const needed = [...new Set(called)].filter((name) => forbidden.has(name));
      expect(needed).toContain("capset");
      expect(needed.filter((name) => !wordsOf("SystemCallFilter").includes(name))).toEqual([]);
    });

    // What ProtectKernelTunables hides besides, /proc/kallsyms, libbpf reads for the http probe.
    test("of /proc is not hidden, and still nothing there or in /sys can be written", () => {
      expect(wordsOf("ProtectKernelTunables")).toEqual(["no"]);
      expect(wordsOf("ReadOnlyPaths")).toEqual(["/sys", "/proc/sys"]);
    });
  });

  test("the unit lets podstamp write below /var/lib/podstamp only, and gives it no capability", () => {
    const unit = read("config/systemd/podstamp.service").split("\n");
    expect(
      unit.filter((line) =>
        /^(ReadWritePaths|BindPaths|ProtectSystem|StateDirectory|CapabilityBoundingSet)=/.test(line),
      ),
    ).toEqual(["CapabilityBoundingSet=", "StateDirectory=podstamp", "ProtectSystem=strict"]);
  });
});

describe("config/podman/podstamp.container", () => {
  const unit = read("config/podman/podstamp.container").split("\n");
  const valuesOf = (key: string) =>
    unit.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));

  test("gives podstamp no more than the folder of Podman's socket, as its owner, and opens no port to other machines", () => {
    expect(valuesOf("Image")).toEqual([`localhost/podstamp:${version}`]);
    expect(["ReadOnly", "NoNewPrivileges", "DropCapability"].flatMap(valuesOf)).toEqual(["true", "true", "all"]);
    expect(valuesOf("PublishPort").filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
    expect(valuesOf("Volume")).toEqual(["%t/podman:/run/podman:ro"]);
    expect(valuesOf("User")).toEqual(["0"]);
  });

  test("is what Podman makes a unit of", ({ skip }) => {
    const quadlet = process.env["QUADLET"] ?? "/usr/libexec/podman/quadlet";
    if (!existsSync(quadlet)) return skip("no quadlet here, which Podman has since 4.4");
    const env = { QUADLET_UNIT_DIRS: join(root, "config/podman") };
    const { status, output } = run(quadlet, ["-dryrun"], env);
    expect({ status, output }).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^ExecStart=.*podman run .* localhost\/podstamp:/m),
    });
    expect(output).not.toMatch(/unsupported|converting.*failed/i);
  });
});
