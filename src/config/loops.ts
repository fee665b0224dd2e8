import type { ComponentSection } from "./component-section.ts";
import type { ComponentType } from "./component-type.ts";
import type { Config } from "./config.ts";
import type { Problem } from "./document/problem.ts";

/** An exporter that sends to a receiver of its own pipeline: what it sends comes back, and leaves by all its exporters anew. */
export type Loop = {
  readonly exporter: string;
  readonly receiver: string;
  readonly pipeline: string;
  /** Where they meet, host:port. */
  readonly address: string;
};

/** The loops that are seen from the addresses alone. */
export function loopsOf({
  receivers,
  exporters,
  pipelines,
}: Pick<Config, "receivers" | "exporters" | "pipelines">): readonly Loop[] {
  return pipelines.flatMap((pipeline) =>
    pipeline.exporters.flatMap((exporter) => {
      const sender = exporters.get(exporter);
      const destination = sender?.type.sendsTo?.(sender.settings, pipeline.signal);
      if (destination === undefined) return [];
      const { host, port } = destination;
      const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
      const own = pipeline.receivers.filter((id) => {
        const receiver = receivers.get(id);
        return receiver?.type.isReachedAt?.(receiver.settings, destination) === true;
      });
      return own.map((receiver) => ({ exporter, receiver, pipeline: pipeline.id, address }));
    }),
  );
}

/** What is wrong with a loop, in words. */
export function loopText({ receiver, pipeline, address }: Loop): string {
  return `sends to ${address}, where receivers::${receiver} of the same pipeline (${pipeline}) listens: it comes back again and again`;
}

/** A warning for each exporter that has one, in the file. */
export function loopProblems(
  loops: readonly Loop[],
  { declared }: ComponentSection<ComponentType>,
): readonly Problem[] {
  const first = loops.filter(({ exporter }, at) => loops.findIndex((loop) => loop.exporter === exporter) === at);
  return first.flatMap((loop) => {
    const at = declared.get(loop.exporter)?.entry.keyAt;
    return at === undefined
      ? []
      : [{ severity: "warning" as const, at, message: `exporters::${loop.exporter} ${loopText(loop)}` }];
  });
}
