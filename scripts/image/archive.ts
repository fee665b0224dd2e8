import { run } from "./commands.ts";

/** An image in an archive, as docker, podman and ctr load it. */
export type Archived = {
  /** As Docker's format has it: User, Entrypoint, Labels, Healthcheck ... */
  readonly config: Readonly<Record<string, unknown>>;
  readonly architecture: string;
  readonly layers: readonly Layer[];
};

/** One layer: what made it, its size, and what is in it. */
export type Layer = {
  readonly madeBy: string;
  readonly bytes: number;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
};

type History = { readonly created_by?: string; readonly empty_layer?: boolean };

/** Reads the image of an archive. */
export function readArchive(file: string): Archived {
  const text = (path: string) => run("tar", ["-xOf", file, path]);
  const [manifest] = JSON.parse(text("manifest.json")) as {
    readonly Config: string;
    readonly Layers: readonly string[];
  }[];
  if (manifest === undefined) throw new Error(`Cannot read ${file}: must have an image, has none`);
  const { config, architecture, history } = JSON.parse(text(manifest.Config)) as {
    readonly config: Readonly<Record<string, unknown>>;
    readonly architecture: string;
    readonly history: readonly History[];
  };
  const makers = history.filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  const layers = manifest.Layers.map((layer, index): Layer => {
    const files = filesOf(file, layer);
    const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
    return { madeBy: makers[index]?.created_by ?? "", bytes, files };
  });
  return { config, architecture, layers };
}

/** The text of a file of the image; of several layers that have it, of the last. */
export function readFromArchive(file: string, path: string): string {
  const [manifest] = JSON.parse(run("tar", ["-xOf", file, "manifest.json"])) as {
    readonly Layers: readonly string[];
  }[];
  for (const layer of (manifest?.Layers ?? []).toReversed()) {
    if (filesOf(file, layer).some((one) => one.path === path)) return inLayer(file, layer, ["-xOf", "-", path]);
  }
  throw new Error(`Cannot read ${path} of ${file}: no layer has it`);
}

function filesOf(file: string, layer: string): Layer["files"] {
  return inLayer(file, layer, ["-tvf", "-", "--numeric-owner"])
    .split("\n")
    .flatMap((line) => {
      const found = /^\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(.*?)(?: -> .*| link to .*)?$/.exec(line);
      return found === null ? [] : [{ path: (found[2] ?? "").replace(/^\.\//, ""), bytes: Number(found[1]) }];
    });
}

/** Lets tar read a layer, which lies in the archive as an archive. */
function inLayer(file: string, layer: string, args: readonly string[]): string {
  return run("sh", ["-c", 'tar -xOf "$0" "$1" | { shift; tar "$@"; }', file, layer, ...args]);
}
