import { shown } from "./document/problem.ts";

const withHeaders = "set `headers` of the exporter instead";
const withoutCheck =
  "whoever reaches a receiver may send; let it listen on localhost or a unix socket, or ask for client certificates";
const withoutObserver = "podstamp finds the node's containers itself";
const withoutIt = "a Collector that podstamp sends to can have it";

/** What to do without an extension of the Collector that podstamp has not. */
const instead: Readonly<Record<string, string>> = {
  memory_ballast: "the memory_limiter processor alone is enough",
  memory_limiter: "use the processor of that name",
  healthcheckv2: "health_check has what a node agent needs of it",
  basicauth: `${withHeaders}: authorization is "Basic " and the base64 of username:password`,
  bearertokenauth: `${withHeaders}: authorization is "Bearer " and the token, or \${file:PATH} of its file, read again with each reload`,
  headers_setter: withHeaders,
  oauth2client: withoutIt,
  sigv4auth: withoutIt,
  oidc: withoutCheck,
  k8s_observer: withoutObserver,
  host_observer: withoutObserver,
  docker_observer: withoutObserver,
};

/** What is to be done about an extension that podstamp does not have. */
export function insteadOf(type: string): string {
  return `podstamp has no extension "${shown(type)}"; take it out of extensions and of service::extensions: ${closestTo(type)}`;
}

/** The closest way to have what the extension does. */
export function closestTo(type: string): string {
  return (Object.hasOwn(instead, type) ? instead[type] : undefined) ?? withoutIt;
}
