import { at, textAt } from "../json.ts";

/** What podstamp takes from the `info` map of ContainerStatus and PodSandboxStatus, whose content each runtime makes up for itself. */
export type VerboseInfo = {
  readonly pid: number | undefined;
  /** runtimeSpec.linux.cgroupsPath. */
  readonly cgroupsPath: string | undefined;
  /** config.image.user_specified_image. */
  readonly specifiedImage: string | undefined;
  /** config.hostname, of a sandbox. */
  readonly hostname: string | undefined;
};

const nothing: VerboseInfo = { pid: undefined, cgroupsPath: undefined, specifiedImage: undefined, hostname: undefined };

/** Verbose info larger than this is not parsed: a runtimeSpec is some 20 KB. */
const maxInfoLength = 4 * 1024 * 1024;

/**
 * Reads `info.info`, a JSON text: {pid, runtimeSpec: {linux: {cgroupsPath}}, config: {image}} (containerd, CRI-O in parts).
 * What is missing or of another type is left out; cri-dockerd tells no runtimeSpec at all.
 */
export function parseVerboseInfo(info: Readonly<Record<string, string>>): VerboseInfo {
  const text = info["info"];
  if (text === undefined || text.length > maxInfoLength) return nothing;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // A runtime's private text that is no JSON tells nothing; the list has told the names already.
    return nothing;
  }
  const pid = at(parsed, "pid");
  return {
    pid: typeof pid === "number" && Number.isInteger(pid) && pid > 0 ? pid : undefined,
    cgroupsPath: textOrNothing(textAt(parsed, "runtimeSpec", "linux", "cgroupsPath")),
    specifiedImage: textOrNothing(textAt(parsed, "config", "image", "user_specified_image")),
    hostname: textOrNothing(textAt(parsed, "config", "hostname")),
  };
}

function textOrNothing(text: string): string | undefined {
  return text === "" ? undefined : text;
}
