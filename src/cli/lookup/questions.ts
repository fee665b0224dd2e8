import { addressIn } from "../../net/socket/peer.ts";
import type { Question } from "../../telemetry/answers.ts";
import type { Args } from "../terminal/args.ts";
import { clean, UsageError } from "../terminal/output.ts";
import { readingsOf } from "./readings.ts";

/**
 * What the arguments ask: one question, or for a text that can be several things one after the other, until one is answered.
 * Throws a UsageError for what is none.
 */
export function questionsOf(args: Args): readonly Question[] {
  const [text] = args.positionals;
  const resource = pairsOf("resource", args);
  const record = pairsOf("record", args);
  const written = args.text("connection-ip");
  const connection = written === undefined ? undefined : addressIn(written);
  if (written !== undefined && connection === undefined)
    throw new UsageError(`Option --connection-ip must be an IP address, is "${clean(written)}"`);
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

function pairsOf(option: "resource" | "record", args: Args): Readonly<Record<string, string>> {
  const pairs = args.texts(option).map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at <= 0) throw new UsageError(`Option --${option} must be KEY=VALUE, is "${clean(text)}"`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
