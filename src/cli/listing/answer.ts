import type { Take } from "../../control/orders.ts";
import { hear } from "../../containers/told.ts";
import type { Ended, Question, Reply } from "../../telemetry/answers.ts";
import type { HeardNow } from "../running/containers.ts";
import { type Args, readArgs } from "../terminal/args.ts";
import type { Io } from "../terminal/output.ts";
import { shapes } from "../terminal/shapes.ts";
import { pods } from "./pods.ts";
import { ps } from "./ps.ts";
import { isPlainPattern } from "./selection.ts";

const commands = { ps, pods };

/** Whoever knows more leaves the work to who asks: what passes must not wait for a table. */
const maxEntries = 1000;

/**
 * Answers the order `list`: `words` are a command's, `columns` those of its terminal or null. Its items are `{out}` and `{err}`, what the command
 * would print. Refused is whatever this podstamp does not know, or should not take the time for: then who asks does it all by itself.
 */
export async function answerList(question: Question, reply: Reply, take: Take): Promise<Ended> {
  const { words, columns } = question;
  if (!isTexts(words) || !(columns === null || Number.isInteger(columns)))
    return refused("must have words, and columns as a number or null");
  const [command = "", ...argv] = words;
  if (command !== "ps" && command !== "pods") return refused(`must be ps or pods, is ${JSON.stringify(command)}`);
  if (argv.includes("--help") || argv.includes("-h")) return refused("help is to be shown");
  const said: ({ readonly out: string } | { readonly err: string })[] = [];
  const io: Io = {
    out: (out) => void said.push({ out }),
    err: (err) => void said.push({ err }),
    flush: () => Promise.resolve(),
    input: nothing,
    // What of it matters decides whether this podstamp is asked at all.
    env: {},
    columns: typeof columns === "number" ? columns : undefined,
    color: false,
    signal: reply.signal,
  };
  try {
    if (!isQuick(readArgs(argv, shapes[command]))) return refused("it takes longer than a table of all");
    await commands[command](argv, io, { known: (isBrief) => known(isBrief, reply, take) });
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  for (const item of said) await reply.send(item);
  return { ok: true, lines: [] };
}

/** The other forms are many times as long, and any regular expression may be a slow one. */
function isQuick(args: Args): boolean {
  const isTable = ["table", "wide"].includes(args.text("output") ?? "table");
  const isOther = args.text("socket") !== undefined || args.text("pid") !== undefined;
  return isTable && !isOther && ["name", "namespace"].every((name) => isPlainPattern(args.text(name) ?? ""));
}

async function known(isBrief: boolean, { signal }: Reply, take: Take): Promise<HeardNow> {
  const items: unknown[] = [];
  const enough = new AbortController();
  const send = (item: unknown): void => {
    if (Array.isArray(item)) items.push(...(item as readonly unknown[]));
    else items.push(item);
    if (items.length > maxEntries) enough.abort();
  };
  const collected: Reply = {
    send: async (item) => send(item),
    offer: send,
    signal: AbortSignal.any([signal, enough.signal]),
  };
  const { ok, lines } = await take("containers", isBrief ? { brief: true } : {}, collected);
  if (!ok) throw new Error(lines.join("; "));
  if (items.length > maxEntries) throw new Error(`there are more than ${maxEntries}`);
  return { ...hear(items), doubts: [...new Set(lines)] };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // Nobody types anything here.
}

function refused(why: string): Ended {
  return { ok: false, lines: [`Cannot list for others: ${why}`] };
}
