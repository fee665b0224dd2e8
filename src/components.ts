import { debugExporter } from "./exporters/debug.ts";
import type { Factories } from "./pipeline/factory.ts";

/** Every component that a configuration may use. */
export const components: Factories = {
  receivers: [],
  processors: [],
  exporters: [debugExporter],
};
