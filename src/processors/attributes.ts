import type { z } from "zod";
import { actions } from "../config/action-fields.ts";
import { section } from "../config/fields.ts";
import { matchSection } from "../config/match-section.ts";
import { createAttributeEditor } from "../otlp/attribute-actions.ts";
import { editRecords, tooLarge } from "../otlp/editing.ts";
import type { Selection } from "../otlp/matching.ts";
import type { Consumer, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/factory.ts";
import { rewriteBatch } from "../pipeline/rewrite.ts";

const settings = section({
  include: matchSection("Only what matches this is changed."),
  exclude: matchSection("What matches this is left as it is."),
  actions: actions().describe(
    "What is done to the attributes of every span, log record and data point that is meant, one action after the other.",
  ),
});

type Settings = z.output<typeof settings>;

/** Changes the attributes of spans, log records and data points, as the Collector's processor of this name. */
export const attributesProcessor: ProcessorFactory<Settings> = {
  type: "attributes",
  kind: "processor",
  aliases: [],
  signals: ["traces", "metrics", "logs"],
  stability: "beta",
  summary: "Changes the attributes of spans, log records and data points.",
  schema: settings,
  create: createAttributes,
};

function createAttributes({ include, exclude, actions: list }: Settings, _host: Host, next: Consumer): Processor {
  const editor = createAttributeEditor(list);
  const selection: Selection = { include, exclude: exclude === undefined ? [] : [exclude] };
  return {
    async start() {},
    async stop() {},
    whenIdle: () => next.whenIdle(),
    async consume(batch, signal) {
      const edited = rewriteBatch(batch, (bytes, items) => {
        const made = editRecords(batch.signal, bytes, { editor, selection });
        return made === tooLarge ? undefined : { bytes: made, items };
      });
      if (edited === undefined)
        return {
          status: "rejected",
          cause: new Error("Cannot write attributes on the request: it would be many times as large"),
        };
      return next.consume(edited, signal);
    },
  };
}
