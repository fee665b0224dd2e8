import type { Output } from "../config/schema/schema.ts";
import { actions } from "../config/fields/action-fields.ts";
import { section } from "../config/fields/fields.ts";
import { createAttributeEditor } from "../otlp/editing/attribute-actions.ts";
import { editResources } from "../otlp/editing/editing.ts";
import type { Consumer, Host, Processor } from "../pipeline/contract.ts";
import type { ProcessorFactory } from "../pipeline/graph/factory.ts";
import { handingOnEdited } from "../pipeline/rewrite.ts";

const settings = section({
  attributes: actions().describe("What is done to the attributes of every resource, one action after the other."),
});

type Settings = Output<typeof settings>;

/** Changes the attributes of resources, as the Collector's processor of this name. */
export const resourceProcessor: ProcessorFactory<Settings> = {
  type: "resource",
  kind: "processor",
  aliases: [],
  signals: ["traces", "metrics", "logs", "profiles"],
  stability: "beta",
  summary: "Changes the attributes of resources.",
  schema: settings,
  create: createResource,
};

function createResource({ attributes }: Settings, _host: Host, next: Consumer): Processor {
  const editor = createAttributeEditor(attributes);
  return {
    async start() {},
    async stop() {},
    whenIdle: () => next.whenIdle(),
    consume: handingOnEdited(next, (batch, bytes) => editResources(batch.signal, bytes, editor)),
  };
}
