import type { Output } from "../config/schema/schema.ts";
import { actions } from "../config/fields/action-fields.ts";
import { section } from "../config/fields/fields.ts";
import { matchSection } from "../config/fields/match-section.ts";
import { createAttributeEditor } from "../otlp/editing/attribute-actions.ts";
import { editRecords } from "../otlp/editing/editing.ts";
import { asksOfOthers } from "../otlp/editing/matching.ts";
import type { Selection } from "../otlp/editing/matching.ts";
import type { Signal } from "../otlp/signals.ts";
import type { Consumer, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/graph/factory.ts";
import { handingOnEdited } from "../pipeline/rewrite.ts";

const settings = section({
  include: matchSection("Only what matches this is changed."),
  exclude: matchSection("What matches this is left as it is."),
  actions: actions().describe(
    "What is done to the attributes of every span, log record and data point that is meant, one action after the other.",
  ),
});

type Settings = Output<typeof settings>;

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

function createAttributes({ include, exclude, actions: list }: Settings, { log }: Host, next: Consumer): Processor {
  const editor = createAttributeEditor(list);
  const selection: Selection = { include, exclude: exclude === undefined ? [] : [exclude] };
  const seen = new Set<string>();
  /** A pipeline whose signal has not what is asked for is a mistake that the Collector refuses at start; here it is said once. */
  const warn = (signal: Signal) => {
    if (seen.has(signal)) return;
    seen.add(signal);
    for (const [name, match] of Object.entries({ include, exclude }))
      if (match !== undefined && asksOfOthers(signal, match))
        log.warn(
          { "otelcol.signal": signal, section: name },
          "Nothing of this signal matches: what is asked for is of another one",
        );
  };
  return {
    async start() {},
    async stop() {},
    whenIdle: () => next.whenIdle(),
    consume: handingOnEdited(next, (batch, bytes) => {
      warn(batch.signal);
      return editRecords(batch.signal, bytes, { editor, selection });
    }),
  };
}
