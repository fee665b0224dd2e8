import { debugExporter } from "./exporters/debug.ts";
import { otlpGrpcExporter } from "./exporters/otlp-grpc.ts";
import { healthCheckExtension } from "./extensions/health-check.ts";
import { pprofExtension } from "./extensions/pprof.ts";
import { zpagesExtension } from "./extensions/zpages.ts";
import type { Factories } from "./pipeline/factory.ts";
import { otlpReceiver } from "./receivers/otlp/otlp.ts";
import { batchProcessor } from "./processors/batch.ts";
import { criAttributesProcessor } from "./processors/cri-attributes/cri-attributes.ts";

/** Every component that a configuration may use. */
export const components: Factories = {
  receivers: [otlpReceiver],
  processors: [batchProcessor, criAttributesProcessor],
  exporters: [debugExporter, otlpGrpcExporter],
  extensions: [healthCheckExtension, pprofExtension, zpagesExtension],
};
