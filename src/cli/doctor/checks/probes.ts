import { existsSync } from "node:fs";
import { release } from "node:os";
import { filterCommands, loadCommands } from "../../../ebpf/loader/commands.ts";
import { findLoader } from "../../../ebpf/loader/path.ts";
import { startLoader } from "../../../ebpf/loader/process.ts";
import type { ProbeReport } from "../../../ebpf/loader/reports.ts";
import { loaderSettingsOf, probesOf } from "../../../receivers/ebpf/probes.ts";
import type { Settings } from "../../../receivers/ebpf/settings.ts";
import { type Finding, findingsOf } from "../finding.ts";
import { type Self, textOf } from "../self.ts";
import type { Subject } from "../subject.ts";

const { ok, skipped, warning, problem } = findingsOf("ebpf");

const btf = "/sys/kernel/btf/vmlinux";
const lockdown = "/sys/kernel/security/lockdown";
const capability = { CAP_SYS_ADMIN: 21n, CAP_PERFMON: 38n, CAP_BPF: 39n } as const;
const loadTimeoutMs = 20_000;

/** Whether the probes of the ebpf receiver can be loaded: by loading them, for no cgroup, and taking them out again. */
export async function checkProbes(subject: Subject, signal: AbortSignal): Promise<readonly Finding[]> {
  const { config, self, running } = subject;
  const [id, receiver] = [...(config?.receivers ?? [])].find(([, { type }]) => type.type === "ebpf") ?? [];
  if (config === undefined || id === undefined || receiver === undefined)
    return [
      skipped(
        `Nobody asks for it: ${config === undefined ? "no valid configuration was given" : "the configuration has no ebpf receiver"}`,
      ),
    ];
  // The schema of this receiver has put them out.
  const settings = receiver.settings as Settings;
  const kernel = lacksOfKernel();
  const found = findLoader(settings.loader);
  if ("why" in found) return [...kernel, problem(found.why, "build the loader, or take receivers::ebpf out")];
  if (kernel.length > 0) return kernel;
  const signals = config.pipelines.filter(({ receivers }) => receivers.includes(id)).map((pipeline) => pipeline.signal);
  const probes = probesOf(settings, { traces: signals.includes("traces"), logs: signals.includes("logs") });
  const outcome = await load(found.path, loadCommands(loaderSettingsOf(settings, probes)), signal);
  if (outcome.status === "stranger")
    return [
      problem(`${found.path}: ${outcome.text}`, "let `loader` name podstamp-probes of this version: npm run build:bpf"),
    ];
  if (outcome.status === "failed") return [problem(outcome.text, privilegesTodo(self))];
  return [
    ...outcome.reports.flatMap((report) => findingOf(report, privilegesTodo(self))),
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

function lacksOfKernel(): readonly Finding[] {
  const hasBtf = existsSync(btf);
  const isLockedDown = textOf(lockdown).includes("[confidentiality]");
  return [
    ...(hasBtf
      ? []
      : [
          problem(
            `${btf} is not there`,
            "a kernel with CONFIG_DEBUG_INFO_BTF is needed, as every current distribution has",
          ),
        ]),
    ...(isLockedDown
      ? [
          problem(
            "The kernel is locked down (confidentiality)",
            "no program may read kernel memory there: boot it with lockdown=integrity",
          ),
        ]
      : []),
  ];
}

function findingOf({ probe, status, text }: ProbeReport, todo: string): readonly Finding[] {
  // Below the first line is the verifier's log.
  if (status === "failed") return [problem(text.split("\n")[0] ?? text, todo)];
  return status === "attached" ? [ok(`Linux ${release()} takes the probe ${probe}`)] : [];
}

function privilegesTodo({ capabilities }: Self): string {
  const has = (name: keyof typeof capability) => (capabilities & (1n << capability[name])) !== 0n;
  const lacking = has("CAP_SYS_ADMIN") ? [] : (["CAP_BPF", "CAP_PERFMON"] as const).filter((name) => !has(name));
  const who = lacking.length === 0 ? "" : `; this user has no ${lacking.join(" and no ")}`;
  return `give podstamp-probes (not podstamp) CAP_BPF and CAP_PERFMON: docs/ebpf.md${who}`;
}

type Outcome =
  | { readonly status: "loaded"; readonly reports: readonly ProbeReport[] }
  /** stranger: it is no loader of this version. */
  | { readonly status: "stranger"; readonly text: string }
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
      onExit: ({ reason, text }) => end({ status: reason === "died" ? "failed" : "stranger", text }),
    });
    const giveUp = () => end({ status: "failed", text: `The loader ${path} did not load the probes in time` });
    const timer = setTimeout(giveUp, loadTimeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    function end(outcome: Outcome): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      if (outcome.status === "loaded") loader.close();
      else loader.kill();
      resolve(outcome);
    }
  });
}
