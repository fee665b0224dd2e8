import type { HttpHead, HttpReply } from "./server.ts";

/** Which pages of other origins may send from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export type CorsSettings = {
  /** As in "https://example.com", with at most one "*" anywhere; "*" alone is every origin. */
  readonly allowedOrigins: readonly string[];
  /** Request headers beside those that are always allowed; "*" is every header. */
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  /** How long a browser may remember the answer to its preflight; 0 says nothing about it. */
  readonly maxAgeSeconds: number;
};

export type Cors = {
  /** The answer to a preflight; undefined when the request is none. */
  preflight(head: HttpHead): HttpReply | undefined;
  /** What is added to any other answer. */
  headers(head: HttpHead): Readonly<Record<string, string>>;
};

/** What an OTLP exporter in a page needs, and what a browser sends by itself. */
const alwaysAllowed = ["accept", "accept-language", "content-language", "content-type", "origin", "x-requested-with"];
const method = "POST";

/** Answers browsers as rs/cors does in the Collector: with credentials, and without a word to origins that are not allowed. */
export function createCors(settings: CorsSettings): Cors {
  const isAllowed = originTest(settings.allowedOrigins);
  const isEveryOrigin = settings.allowedOrigins.includes("*");
  const isEveryHeader = settings.allowedHeaders.includes("*");
  const known = new Set([...alwaysAllowed, ...settings.allowedHeaders.map((name) => name.toLowerCase())]);
  const exposed = settings.exposedHeaders.join(", ");

  const allowing = (head: HttpHead): Record<string, string> | undefined => {
    const origin = head.header("origin");
    if (origin === undefined || !isAllowed(origin.toLowerCase())) return undefined;
    return {
      "access-control-allow-origin": isEveryOrigin ? "*" : origin,
      "access-control-allow-credentials": "true",
    };
  };

  return {
    preflight(head) {
      const wanted = head.header("access-control-request-method");
      if (head.method !== "OPTIONS" || wanted === undefined) return undefined;
      const vary = { vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers" };
      const names = (head.header("access-control-request-headers") ?? "")
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== "");
      const allowed = allowing(head);
      const isFine = wanted === method && (isEveryHeader || names.every((name) => known.has(name)));
      const headers =
        allowed === undefined || !isFine
          ? vary
          : {
              ...vary,
              ...allowed,
              "access-control-allow-methods": method,
              ...(names.length > 0 ? { "access-control-allow-headers": names.join(", ") } : {}),
              ...(settings.maxAgeSeconds > 0 ? { "access-control-max-age": String(settings.maxAgeSeconds) } : {}),
            };
      return { status: 204, headers, body: new Uint8Array(0) };
    },
    headers(head) {
      const allowed = allowing(head);
      return {
        vary: "Origin",
        ...allowed,
        ...(allowed !== undefined && exposed !== "" ? { "access-control-expose-headers": exposed } : {}),
      };
    },
  };
}

function originTest(patterns: readonly string[]): (origin: string) => boolean {
  const tests = patterns.map((pattern): ((origin: string) => boolean) => {
    const lower = pattern.toLowerCase();
    const star = lower.indexOf("*");
    if (star < 0) return (origin) => origin === lower;
    const start = lower.slice(0, star);
    const end = lower.slice(star + 1);
    return (origin) => origin.length >= start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
  });
  return (origin) => tests.some((test) => test(origin));
}
