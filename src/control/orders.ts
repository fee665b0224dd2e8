import type { Answer, Ended, Question, Reply } from "../telemetry/answers.ts";

/** A component that answers an order, by the path that names it in the configuration: "processors::cri_attributes". */
export type Answerer = { readonly name: string; readonly answer: Answer };

/** Carries out an order; what cannot be done is said in words, and it never rejects. */
export type Take = (order: string, question: Question, reply: Reply) => Promise<Ended>;

export type ListMaker = (question: Question, reply: Reply, take: Take) => Promise<Ended>;

export type OrdersOptions = {
  readonly reload: () => Promise<Ended>;
  /** Makes a list as a command prints it; whom it is of it asks by an order. Absent where nobody lists. */
  readonly list?: ListMaker;
  /** Those that answer an order now; undefined while podstamp is still starting. */
  readonly answerers: (order: string) => readonly Answerer[] | undefined;
};

/** Whom each order is for: one component, which `processor` in the question names where there are several, or all that answer it. */
const recipients: Readonly<Record<string, "one" | "all">> = {
  containers: "all",
  events: "all",
  lookup: "one",
  runtimes: "all",
  spans: "all",
};

export function createOrders({ reload, list, answerers }: OrdersOptions): Take {
  const take: Take = async (order, question, reply) => {
    if (order === "reload") return reload();
    if (order === "list" && list !== undefined) return safely(order, () => list(question, reply, take));
    const whom = Object.hasOwn(recipients, order) ? recipients[order] : undefined;
    if (whom === undefined)
      return refused(
        `Cannot do ${JSON.stringify(order)}: must be one of reload, ${list === undefined ? "" : "list, "}${Object.keys(recipients).join(", ")}`,
      );
    const all = answerers(order);
    if (all === undefined) return refused(`Cannot answer ${order}: podstamp is still starting`);
    const meant = choose(order, all, question["processor"]);
    if (typeof meant === "string") return refused(meant);
    const asked = whom === "one" ? meant.slice(0, 1) : meant;
    return together(await Promise.all(asked.map(({ name, answer }) => safely(name, () => answer(question, reply)))));
  };
  return take;
}

/** Those that are meant, or in words why nobody can tell. What is no processor answers for all of them. */
function choose(order: string, all: readonly Answerer[], processor: unknown): readonly Answerer[] | string {
  const isOfProcessors = all.some(({ name }) => name.startsWith("processors::"));
  if (all.length > 0 && !isOfProcessors) return all;
  const names = [...new Set(all.map(({ name }) => name))];
  if (processor !== undefined) {
    const meant = all.filter(({ name }) => typeof processor === "string" && name === `processors::${processor}`);
    return meant.length > 0
      ? meant
      : `Cannot answer ${order}: the processor must be one that runs, ${names.join(", ") || "none does"}, is ${JSON.stringify(processor)}`;
  }
  if (all.length === 0)
    return `Cannot answer ${order}: no processor of the configuration that runs is cri_attributes or k8s_attributes`;
  if (recipients[order] === "one" && names.length > 1)
    return `Cannot answer ${order}: must know by which processor, name one with --processor: ${names.map((name) => name.replace("processors::", "")).join(", ")}`;
  return all;
}

async function safely(name: string, work: () => Promise<Ended>): Promise<Ended> {
  try {
    return await work();
  } catch (error) {
    return refused(`${name} could not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function together(all: readonly Ended[]): Ended {
  return { ok: all.every(({ ok }) => ok), lines: all.flatMap(({ lines }) => lines) };
}

function refused(text: string): Ended {
  return { ok: false, lines: [text] };
}
