import { LRUCache } from "lru-cache";
import { pause } from "../../../containers/following/wait.ts";
import type { Pod } from "../../../containers/index/entry.ts";
import type { Component } from "../../../pipeline/contract.ts";
import type { Logger } from "../../../telemetry/log.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import type { PodSupplement } from "../extract/supplement.ts";
import { createKubeletClient } from "./kubelet-client.ts";
import { type KubeletPods, noPods } from "./kubelet-pods.ts";
import type { KubeletSettings } from "../settings/sources.ts";

export type KubeletOptions = {
  readonly settings: KubeletSettings;
  /** Where the kubelet is when no endpoint is named. */
  readonly nodeName: string;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** The node's own kubelet, asked again and again in the background. What it does not answer takes nothing away. */
export type Kubelet = Component & {
  version(): number;
  pod(pod: Pod): PodSupplement | undefined;
  runtimeUid(uid: string): string | undefined;
};

/** Pods that are remembered when they are not listed any more: more than a node starts while the last spans of one arrive. */
const maxGone = 500;

export function createKubelet({ settings, nodeName, log, metrics }: KubeletOptions): Kubelet {
  const stopping = new AbortController();
  const { url, ask } = createKubeletClient(settings, nodeName);
  const count = (result: string) => metrics.counter("podstamp_kubelet_polls", { result });
  let pods = noPods;
  const gone = new LRUCache<string, PodSupplement>({ max: maxGone });
  let before = "";
  let version = 0;
  let running: Promise<void> = Promise.resolve();
  let reported = "";

  const take = (next: KubeletPods, text: string) => {
    if (text === before) return;
    before = text;
    // A pod's last spans arrive late, and a kubelet that starts again lists nothing at first. A uid is never another pod's.
    for (const [uid, known] of pods.byUid) if (!next.byUid.has(uid)) gone.set(uid, known);
    pods = next;
    version++;
  };

  const poll = async () => {
    const { signal } = stopping;
    try {
      const found = await ask(signal);
      take(
        found,
        JSON.stringify(found, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
      );
      if (reported !== "") log.info({ kubelet: url }, "The kubelet answers again");
      reported = "";
      count("ok").add(1);
    } catch (error) {
      if (signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      count("error").add(1);
      if (message !== reported)
        log.warn(
          { kubelet: url, error: message },
          "The kubelet does not answer; what the runtime knows is written all the same",
        );
      reported = message;
    }
  };

  const run = async () => {
    while (!stopping.signal.aborted) {
      await poll();
      await pause(settings.poll_interval, stopping.signal);
    }
  };

  return {
    async start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    version: () => version,
    pod: ({ facts }) => pods.byUid.get(facts.uid) ?? gone.get(facts.uid),
    runtimeUid: (uid) => pods.mirrors.get(uid),
  };
}
