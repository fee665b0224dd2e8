import { readFile } from "node:fs/promises";
import { httpGet } from "../../../net/http1/https-get.ts";
import { clientTls } from "../../../net/socket/tls.ts";
import { type KubeletPods, readPods } from "./kubelet-pods.ts";
import { type KubeletSettings, kubeletUrl } from "../settings/sources.ts";

/** Asks one kubelet for its pods. */
export type KubeletClient = {
  readonly url: string;
  /** Rejects, in words, when there is no answer, or one that is no list. */
  ask(signal: AbortSignal): Promise<KubeletPods>;
};

const maxBytes = 64 * 1024 * 1024;

/** The kubelet of the settings, else of the node. */
export function createKubeletClient(settings: KubeletSettings, nodeName: string): KubeletClient {
  const url = kubeletUrl(settings.endpoint || nodeName);
  if (url === undefined) throw new Error(`Cannot ask the kubelet: ${settings.endpoint || nodeName} is no address`);
  return {
    url: url.href,
    async ask(signal) {
      const token = await tokenOf(settings);
      const body = await httpGet(url, {
        headers: { accept: "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
        tls: tlsOf(settings),
        timeoutMs: settings.request_timeout,
        maxBytes,
        signal,
      }).catch((error: Error) => {
        // The setting is not called as in other places.
        const said = error.message.replace("tls.ca_file", "kubelet::ca_file");
        throw new Error(`${said}${hintOf(said, settings, token)}`, { cause: error });
      });
      const found = readPods(JSON.parse(body.toString()));
      if (found === undefined) throw new Error(`Cannot read ${url.href}: must be a list of pods`);
      return found;
    },
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
