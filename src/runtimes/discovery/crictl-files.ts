import { hostPath } from "./host-path.ts";

const usualPath = "/etc/crictl.yaml";

/** Where crictl's file may be: where CRI_CONFIG_FILE says, else at its usual place, on the host or here. */
export function crictlFiles(
  environment: Readonly<Record<string, string | undefined>>,
  hostRoot: string,
): readonly string[] {
  const named = environment["CRI_CONFIG_FILE"] ?? "";
  return named === "" ? [...new Set([hostPath(hostRoot, usualPath), usualPath])] : [named];
}
