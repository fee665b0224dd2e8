import type { Output } from "../../../config/schema/schema.ts";
import { choice, duration, flag, integer, mebibytes, section, text } from "../../../config/fields/fields.ts";
import { runtimeFields } from "../../../config/fields/runtime-fields.ts";
import type { Dialect } from "../extract/facts.ts";
import { associationRules } from "./association.ts";
import { extractSection } from "./extract.ts";
import { excludeSection, filterSection } from "./filter.ts";
import { apiServerFields, kubeletSection, overlaySection } from "./sources.ts";

/** The settings of cri_attributes and k8s_attributes: podstamp's own, and the Collector's; they differ in defaults. */
export function settingsOf(dialect: Dialect) {
  const isOwn = dialect === "podstamp";
  return section({
    ...runtimeFields,
    node_name: text({ default: "", maxLength: 253 }).describe(
      "k8s.node.name; empty means K8S_NODE_NAME of the environment, else the node of the filter, else the host's name.",
    ),
    wait: duration({ default: "2s", max: "1m" }).describe(
      "How long telemetry of a container that the runtime does not know yet is held, at most.",
    ),
    max_waiting_mib: mebibytes({ default: 64, min: 1 }).describe(
      "Telemetry held for that, in all; what comes above it passes at once.",
    ),
    record_attributes: choice(["regroup", "inline", "off"], "regroup").describe(
      "What is done with records that name a container themselves: moved into one resource for each (`regroup`), stamped one by one (`inline`; samples of profiles are moved then too), or passed (`off`). Records are spans, data points, log records, samples.",
    ),
    semconv: choice(["stable", "legacy", "both"], "stable").describe(
      "Names as semantic conventions have them since 1.42 (`stable`), as the Collector wrote them before (`legacy`), or `both`.",
    ),
    override: flag(false).describe(
      "Whether attributes that are there already are replaced; an empty string always is.",
    ),
    entity_refs: flag(false).describe(
      "Whether resources tell in `entity_refs` of which `k8s.pod`, `k8s.container` and `container` they are, where what identifies it is written.",
    ),
    extract: extractSection(dialect),
    pod_association: associationRules().describe(
      "By what telemetry is known to be of a pod: the first rule whose sources all have a value decides. Empty means podstamp's own order: docs/k8s-attributes.md.",
    ),
    filter: filterSection(),
    exclude: excludeSection(dialect),
    passthrough: flag(false).describe(
      "Write k8s.pod.ip from the connection and nothing else, for a next hop that knows pods by it.",
    ),
    pod_delete_grace_period: duration({ default: isOwn ? "5m" : "120s", isCapped: true }).describe(
      "How long a container that is gone stays answerable: its last spans arrive late. Of processors with the same runtimes the longest counts.",
    ),
    max_tombstones: integer({ default: 4096, min: 1, max: 1_000_000 }).describe(
      "How many containers that are gone are remembered.",
    ),
    max_containers: integer({ default: 50_000, min: 1, max: 1_000_000 }).describe(
      "How many containers and sandboxes are known at once.",
    ),
    watch_sync_period: duration({ default: "5m", isCapped: true }).describe(
      "Time between two full lists while events tell of changes, 1s at least and 10s at most while none do; 0s means no lists for that.",
    ),
    wait_for_metadata: flag(false).describe(
      "Start only when every runtime has been listed, or when wait_for_metadata_timeout has passed; otherwise podstamp waits 2s at most.",
    ),
    wait_for_metadata_timeout: duration({ default: "10s", isCapped: true }).describe(
      "How long that may take; podstamp starts all the same then.",
    ),
    overlay: overlaySection(),
    kubelet: kubeletSection(),
    ...apiServerFields,
  });
}

export type Settings = Output<ReturnType<typeof settingsOf>>;
