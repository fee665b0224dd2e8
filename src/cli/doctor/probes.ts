import { existsSync } from "node:fs";
import { release } from "node:os";
import { filterCommands, loadCommands } from "../../ebpf/commands.ts";
import { findLoader } from "../../ebpf/loader-path.ts";
import { startLoader } from "../../ebpf/loader-process.ts";
import type { ProbeReport } from "../../ebpf/reports.ts";
import { loaderSettingsOf, probesOf } from "../../receivers/ebpf/probes.ts";
import type { Settings } from "../../receivers/ebpf/settings.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { textOf } from "./self.ts";
import type { Subject } from "./subject.ts";

const { ok, skipped, warning, problem } = findingsOf("ebpf");

const btf = "/sys/kernel/btf/vmlinux";
const lockdown = "/sys/kernel/security/lockdown";
const capability = { CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n, CAP_BPF: 39n } as const;
const loadTimeoutMs = 20_000;

/** Whether the probes of the ebpf receiver can be loaded: by loading them, for no cgroup, and taking them out again. */
export async function checkProbes(
  { config, self, running }: Subject,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const receivers = [...(config?.receivers ?? [])].filter(([, { type }]) => type.type === "ebpf");
  const [receiver] = receivers;
  if (receiver === undefined)
    return [
      skipped(
        `Nobody asks for it: ${config === undefined ? "no valid configuration was given" : "the configuration has no ebpf receiver"}`,
      ),
    ];
  const [id, { settings }] = receiver;
  // The schema of this receiver has put them out.
  const set = settings as Settings;
  const kernel = [
    ...(existsSync(btf)
      ? []
      : [
          problem(
            `${btf} is not there`,
            "a kernel with CONFIG_DEBUG_INFO_BTF is needed; every current distribution's has it",
          ),
        ]),
    ...(textOf(lockdown).includes("[confidentiality]")
      ? [
          problem(
            "The kernel is locked down (confidentiality)",
            "no program may read kernel memory there: boot it with lockdown=integrity",
          ),
        ]
      : []),
  ];
  const found = findLoader(set.loader);
  if ("why" in found) return [...kernel, problem(found.why, "build the loader, or take receivers::ebpf out")];
  const lacking = lackingOf(self.capabilities);
  const advice = `give podstamp-probes (not podstamp) CAP_BPF and CAP_PERFMON: docs/ebpf.md${lacking === "" ? "" : `; this user lacks ${lacking}`}`;
  if (kernel.length > 0) return kernel;
  const signals =
    config?.pipelines.filter((pipeline) => pipeline.receivers.includes(id)).map((each) => each.signal) ?? [];
  const probes = probesOf(set, { traces: signals.includes("traces"), logs: signals.includes("logs") });
  const outcome = await load(found.path, loadCommands(loaderSettingsOf(set, probes)), signal);
  if (outcome.status === "failed") return [problem(outcome.text, advice)];
  const failed = outcome.reports.filter(({ status }) => status === "failed");
  return [
    ...failed.map(({ text }) => problem(text.split("\n")[0] ?? text, advice)),
    ...(failed.length === probes.length && failed.length > 0
      ? []
      : [
          ok(
            `Linux ${release()} takes the probes ${outcome.reports
              .filter(({ status }) => status === "attached")
              .map(({ probe }) => probe)
              .join(", ")}`,
          ),
        ]),
    ...(self.hasHostPids || running.length > 0
      ? []
      : [
          warning(
            "podstamp has a PID namespace of its own: processes are not found by the kernel's numbers",
            "hostPID: true in the pod",
          ),
        ]),
  ];
}

type Outcome =
  | { readonly status: "loaded"; readonly reports: readonly ProbeReport[] }
  | { readonly status: "failed"; readonly text: string };

/** Loads and attaches, for no cgroup, and ends. */
function load(path: string, commands: string, signal: AbortSignal): Promise<Outcome> {
  const reports: ProbeReport[] = [];
  return new Promise((resolve) => {
    const nothing = (): void => {};
    const loader = startLoader({
      path,
      commands: `${commands}${filterCommands({ probes: [] })}start\n`,
      onRecord: nothing,
      onPause: nothing,
      onProbe: (report) => void reports.push(report),
      onReady: () => end({ status: "loaded", reports }),
      onTotals: nothing,
      onComplaint: nothing,
      onExit: ({ text }) => end({ status: "failed", text }),
    });
    const giveUp = () => end({ status: "failed", text: `The loader ${path} did not load the probes in time` });
    const timer = setTimeout(giveUp, loadTimeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    function end(outcome: Outcome): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      if (outcome.status === "failed") loader.kill();
      else loader.close();
      resolve(outcome);
    }
  });
}

function lackingOf(held: bigint): string {
  const has = (name: keyof typeof capability) => (held & (1n << capability[name])) !== 0n;
  if (has("CAP_SYS_ADMIN")) return "";
  return (["CAP_BPF", "CAP_PERFMON"] as const).filter((name) => !has(name)).join(" and ");
}
