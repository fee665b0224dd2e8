import { debugExporter } from "./exporters/debug.ts";
import { fileExporter } from "./exporters/file/file.ts";
import { nopExporter } from "./exporters/nop.ts";
import { otlpGrpcExporter } from "./exporters/otlp-grpc.ts";
import { otlpHttpExporter } from "./exporters/otlp-http/otlp-http.ts";
import { fileStorageExtension } from "./extensions/file-storage/file-storage.ts";
import { healthCheckExtension } from "./extensions/health-check.ts";
import { pprofExtension } from "./extensions/pprof.ts";
import { zpagesExtension } from "./extensions/zpages.ts";
import type { Factories } from "./pipeline/graph/factory.ts";
import { ebpfReceiver } from "./receivers/ebpf/ebpf.ts";
import { nopReceiver } from "./receivers/nop.ts";
import { otlpReceiver } from "./receivers/otlp/otlp.ts";
import { attributesProcessor } from "./processors/attributes.ts";
import { batchProcessor } from "./processors/batch.ts";
import { filterProcessor } from "./processors/filter.ts";
import { memoryLimiterProcessor } from "./processors/memory-limiter.ts";
import { criAttributesProcessor, k8sAttributesProcessor } from "./processors/cri-attributes/cri-attributes.ts";
import { resourceProcessor } from "./processors/resource.ts";
import { resourceDetectionProcessor } from "./processors/resourcedetection/resourcedetection.ts";

/** Every component that a configuration may use. */
export const components: Factories = {
  receivers: [ebpfReceiver, nopReceiver, otlpReceiver],
  processors: [
    attributesProcessor,
    batchProcessor,
    criAttributesProcessor,
    filterProcessor,
    k8sAttributesProcessor,
    memoryLimiterProcessor,
    resourceProcessor,
    resourceDetectionProcessor,
  ],
  exporters: [debugExporter, fileExporter, nopExporter, otlpGrpcExporter, otlpHttpExporter],
  extensions: [fileStorageExtension, healthCheckExtension, pprofExtension, zpagesExtension],
};
