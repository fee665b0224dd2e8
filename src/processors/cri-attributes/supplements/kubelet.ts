import { readFile } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import { pause } from "../../../containers/following/wait.ts";
import type { Pod } from "../../../containers/index/entry.ts";
import { httpGet } from "../../../net/http1/https-get.ts";
import { clientTls } from "../../../net/socket/tls.ts";
import type { Component } from "../../../pipeline/contract.ts";
import type { Logger } from "../../../telemetry/log.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import type { PodSupplement } from "../extract/supplement.ts";
import { type KubeletPods, noPods, readPods } from "./kubelet-pods.ts";
import { type KubeletSettings, kubeletUrl } from "../settings/sources.ts";

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
const maxBytes = 64 * 1024 * 1024;

export function createKubelet({ settings, nodeName, log, metrics }: KubeletOptions): Kubelet {
  const stopping = new AbortController();
  const url = kubeletUrl(settings.endpoint || nodeName);
  if (url === undefined) throw new Error(`Cannot ask the kubelet: ${settings.endpoint || nodeName} is no address`);
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
    const token = await tokenOf(settings);
    try {
      const body = await httpGet(url, {
        headers: { accept: "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
        tls: tlsOf(settings),
        timeoutMs: settings.request_timeout,
        maxBytes,
        signal,
      });
      const found = readPods(JSON.parse(body.toString()));
      if (found === undefined) throw new Error(`Cannot read ${url.href}: must be a list of pods`);
      take(
        found,
        JSON.stringify(found, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
      );
      if (reported !== "") log.info({ kubelet: url.href }, "The kubelet answers again");
      reported = "";
      count("ok").add(1);
    } catch (error) {
      if (signal.aborted) return;
      const said = error instanceof Error ? error.message : String(error);
      const message = `${said}${hintOf(said, settings, token)}`;
      count("error").add(1);
      if (message !== reported)
        log.warn(
          { kubelet: url.href, error: message },
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

/** What stops a kubelet from answering, where it is not in the words of the refusal. */
function hintOf(message: string, { token_file: file, cert_file: certificate }: KubeletSettings, token: string): string {
  if (message.endsWith("status 401"))
    return certificate === "" && token === "" ? ": there is no token in " + file : ": it does not know who asks";
  return message.endsWith("status 403") ? ": who asks may not get nodes/pods, before Kubernetes 1.33 nodes/proxy" : "";
}

/** Kubernetes renews a pod's token in its file. Without one the kubelet may still answer. */
async function tokenOf({ token_file: file, cert_file: certificate }: KubeletSettings): Promise<string> {
  if (file === "" || certificate !== "") return "";
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    () => "",
  );
}

/** Read anew for each question: certificates are renewed too. */
function tlsOf({ ca_file, cert_file, key_file, insecure_skip_verify }: KubeletSettings) {
  const named = (file: string) => (file === "" ? undefined : file);
  return clientTls(
    { ca_file: named(ca_file), cert_file: named(cert_file), key_file: named(key_file), insecure_skip_verify },
    { scheme: "https" },
  );
}
