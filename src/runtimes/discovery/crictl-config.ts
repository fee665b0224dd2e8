import { parse } from "yaml";

/** What crictl's file can say that matters to others; times in ms. */
export type CrictlConfig = {
  readonly runtimeEndpoint?: string;
  readonly imageEndpoint?: string;
  readonly timeoutMs?: number;
};

/** Reads the text of crictl's file; undefined when it is no map of settings. What has another type than crictl's is left out. */
export function parseCrictlConfig(text: string): CrictlConfig | undefined {
  let content: unknown;
  try {
    content = parse(text);
  } catch {
    return undefined; // whoever named it is told that it cannot be read
  }
  if (content === null) return {};
  if (typeof content !== "object" || Array.isArray(content)) return undefined;
  const settings = new Map<string, unknown>(Object.entries(content));
  const seconds = Number(settings.get("timeout"));
  return {
    ...endpoint("runtimeEndpoint", settings.get("runtime-endpoint")),
    ...endpoint("imageEndpoint", settings.get("image-endpoint")),
    ...(seconds > 0 ? { timeoutMs: seconds * 1000 } : {}),
  };
}

function endpoint(name: "runtimeEndpoint" | "imageEndpoint", value: unknown): CrictlConfig {
  return typeof value === "string" && value !== "" ? { [name]: value } : {};
}
