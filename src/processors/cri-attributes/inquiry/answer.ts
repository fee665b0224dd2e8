import type { Answer } from "../../../telemetry/answers.ts";
import { createLookup, type LookupOptions } from "./lookup.ts";
import { readQuestion } from "./question.ts";

/** Answers the order `lookup`. What it takes is made when somebody asks for the first time. */
export function answerLookup(options: LookupOptions): Answer {
  let lookup: ReturnType<typeof createLookup> | undefined;
  return async (question, { send, signal }) => {
    const asked = readQuestion(question);
    if (typeof asked === "string") return { ok: false, lines: [`Cannot look it up: the question ${asked}`] };
    lookup ??= createLookup(options);
    const answer = await lookup(asked, signal);
    if (answer !== undefined) await send(answer);
    return { ok: true, lines: [] };
  };
}
