import { listOf } from "../../config/schema/kinds.ts";
import type { Output } from "../../config/schema/schema.ts";
import { choice, duration, flag, notYet, section, stringList, subsection } from "../../config/fields/fields.ts";
import { systemAttributes } from "./system.ts";

/** Detectors of the Collector that podstamp does not have. */
const later = [
  "akamai", "aks", "alibaba_ecs", "azure", "azurecontainerapps", "consul", "digitalocean", "docker", "dynatrace", "ec2", "ecs", "eks",
  "elastic_beanstalk", "elasticbeanstalk", "gce", "gcp", "gke", "heroku", "hetzner", "ibmcloud_classic", "ibmcloud_vpc", "k8s_api", "k8snode",
  "kubeadm", "lambda", "nova", "openshift", "oraclecloud", "scaleway", "tencent_cvm", "upcloud", "vultr",
]; // prettier-ignore

/** What the Collector's detector can find and podstamp does not yet. */
const laterAttributes = [
  "host.cpu.cache.l2.size", "host.cpu.family", "host.cpu.model.id", "host.cpu.model.name", "host.cpu.stepping", "host.cpu.vendor.id",
  "host.interface", "os.build.id", "os.name", "os.version",
]; // prettier-ignore

const elsewhere = (name: string) =>
  notYet(
    `the detector ${name}; run it in the Collector that podstamp sends to, or set its attributes with the resource processor`,
    "warn",
  );

const isEnabled = (standard: boolean, sentence: string) =>
  subsection({ enabled: flag(standard).describe("Whether it is written.") }).describe(sentence);

const system = subsection({
  hostname_sources: listOf(choice(["os", "dns", "cname", "lookup"]))
    .min(1)
    .max(4)
    .prefault(["dns", "os"])
    .describe(
      "Where host.name comes from, the first that has one: `os` is the host's name, the others its full name in DNS.",
    ),
  resource_attributes: subsection({
    ...Object.fromEntries(
      Object.entries(systemAttributes).map(([name, { enabled, sentence }]) => [name, isEnabled(enabled, sentence)]),
    ),
    ...Object.fromEntries(laterAttributes.map((name) => [name, notYet(`the attribute ${name}`, "warn")])),
  }).describe("Which of its attributes are written."),
});

/** The settings of resourcedetection: those of the Collector, and the detector `container`. */
export const settings = section({
  detectors: stringList({ default: ["env"], words: ["env", "system", "container"], later }).describe(
    "What is looked at, once at start; of an attribute that two find, the first one's value counts. `env`: OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME; `system`: this machine; `container`: the container that podstamp itself runs in.",
  ),
  override: flag(true).describe("Whether attributes that are there already are replaced."),
  timeout: duration({ default: "5s", min: "1ms", max: "1m" }).describe(
    "How long looking may take at start, in all; what is not found by then is left out.",
  ),
  system: system.describe("The detector `system`."),
  env: subsection({
    allowlist: stringList()
      .optional()
      .describe("The only attributes that are taken from the environment; without it, all are."),
  }).describe("The detector `env`."),
  attributes: notYet(
    "attributes, the old list of attributes to keep; use resource_attributes of each detector",
    "warn",
  ),
  refresh_interval: notYet("refresh_interval; looking is done once, at start", "warn"),
  fail_on_missing_metadata: notYet("fail_on_missing_metadata; no detector here asks a metadata service", "warn"),
  ...Object.fromEntries(later.map((name) => [name, elsewhere(name)])),
});

/** The settings, checked. */
export type Settings = Output<typeof settings>;
