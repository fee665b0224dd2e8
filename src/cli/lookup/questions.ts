import { isIP } from "node:net";
import { parseContainerRef } from "../../containers/names/container-ref.ts";
import type { Question } from "../../telemetry/answers.ts";
import type { Args } from "../terminal/args.ts";
import { clean, UsageError } from "../terminal/output.ts";

/**
 * What the arguments ask: one question, or for a text that can be several things one after the other, until one is answered.
 * Throws a UsageError for what is none.
 */
export function questionsOf(args: Args): readonly Question[] {
  const [text] = args.positionals;
  const resource = pairsOf("resource", args);
  const record = pairsOf("record", args);
  const connection = args.text("connection-ip");
  if (connection !== undefined && isIP(connection) === 0)
    throw new UsageError(`Option --connection-ip must be an IP address, is "${clean(connection)}"`);
  const processor = args.text("processor");
  const common = processor === undefined ? {} : { processor };
  const isFromSdk = args.flag("from-sdk");
  const isAsked =
    isFromSdk || [...Object.keys(resource), ...Object.keys(record)].length > 0 || connection !== undefined;
  if (text === undefined && !isAsked)
    throw new UsageError(
      "Cannot look up nothing: must have an ID, a cgroup, a PID, an address or a uid, or --resource",
    );
  if (text === undefined)
    return [{ ...common, resource, record, isFromSdk, ...(connection === undefined ? {} : { connection }) }];
  if (isAsked) throw new UsageError(`Cannot look up "${clean(text)}" and attributes at once: must be one of them`);
  return readingsOf(text).map((attributes) => ({ ...common, isPlain: true, ...attributes }));
}

type Reading = { readonly resource: Readonly<Record<string, string>>; readonly connection?: string };

const uuid = /^[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;

/** What a text can be, the likeliest first, as the attributes in which telemetry says it. */
function readingsOf(text: string): readonly Reading[] {
  const as = (name: string, value = text) => ({ resource: { [name]: value } });
  const [, word, rest = ""] = /^(pid|cgroup|uid|ip|id):(?!\/\/)(.+)$/.exec(text) ?? [];
  switch (word) {
    case "pid":
      return [
        as("process.pid", checked(rest, { isOne: /^\d{1,10}$/.test(rest), what: "a process's number behind pid:" })),
      ];
    case "cgroup":
      return [/^\d+$/.test(rest) ? as("podstamp.cgroup.id", rest) : as("process.linux.cgroup", rest)];
    case "uid":
      return [as("k8s.pod.uid", rest)];
    case "ip":
      return [
        {
          ...as("k8s.pod.ip", checked(rest, { isOne: isIP(rest) !== 0, what: "an IP address behind ip:" })),
          connection: rest,
        },
      ];
    case "id":
      return [as("container.id", rest)];
    case undefined:
  }
  if (/^[a-z0-9.+-]+:\/\//i.test(text)) return [as("container.id")];
  if (text.includes("/")) return [as("process.linux.cgroup")];
  if (isIP(text) !== 0) return [{ ...as("k8s.pod.ip"), connection: text }];
  if (uuid.test(text)) return [as("k8s.pod.uid")];
  // `memory:4711` names a hierarchy of cgroups.
  if (/^[\w=,.-]{1,64}:\d{1,20}$/.test(text)) return [as("podstamp.cgroup.id")];
  // A process that is there is meant by its number; a cgroup has one too.
  if (/^\d{1,10}$/.test(text)) return [as("process.pid"), as("podstamp.cgroup.id")];
  // The uid of a static pod looks like the beginning of an ID.
  if (/^[0-9a-f]{32}$/i.test(text)) return [as("container.id"), as("k8s.pod.uid")];
  if (parseContainerRef(text) !== undefined) return [as("container.id")];
  throw new UsageError(`Cannot look up "${clean(text)}": must be an ID, a cgroup, a PID, an address or a pod's uid`);
}

function checked(text: string, { isOne, what }: { readonly isOne: boolean; readonly what: string }): string {
  if (isOne) return text;
  throw new UsageError(`Cannot look up "${clean(text)}": must be ${what}`);
}

function pairsOf(option: "resource" | "record", args: Args): Readonly<Record<string, string>> {
  const pairs = args.texts(option).map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at <= 0) throw new UsageError(`Option --${option} must be KEY=VALUE, is "${clean(text)}"`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
