import type { Args } from "../terminal/args.ts";
import type { Io } from "../terminal/output.ts";

/** Whether somebody has said here and now which runtime is meant. */
export function isEndpointNamed(args: Args, { env }: Pick<Io, "env">): boolean {
  return (
    ["runtime-endpoint", "image-endpoint", "host-root", "crictl-config"].some(
      (name) => args.text(name) !== undefined,
    ) ||
    (env["CONTAINER_RUNTIME_ENDPOINT"] ?? "") !== "" ||
    (env["CRI_CONFIG_FILE"] ?? "") !== ""
  );
}
