/**
 * What exporters of SDKs call themselves (the specification's protocol/exporter.md): Go and PHP with spaces, Ruby's and Go's of metrics and
 * Go's of logs in another way, distributions behind a name of their own.
 */
const exporter = /\bOTel(?:[- ]OTLP[- ](?:Metrics)?Exporter[- ]| Go OTLP over )/i;

/** What proxies put on a request that they pass on; its User-Agent they leave as it is. */
const ofProxies = ["x-forwarded-for", "forwarded", "via", "x-real-ip"];

let last = "";
let isLast = false;

/**
 * Whether the exporter of an SDK has sent a request itself: then it is of the very process that sent it. A trusted proxy tells who sent
 * what it passes on.
 */
export function isFromSdk(header: (name: string) => string | undefined, isThroughTrusted: boolean): boolean {
  const agent = header("user-agent");
  if (agent === undefined) return false;
  // Those of a node's senders come again and again.
  if (agent !== last) [last, isLast] = [agent, exporter.test(agent)];
  return isLast && (isThroughTrusted || ofProxies.every((name) => header(name) === undefined));
}
