import { expect, test } from "vitest";
import { Secret } from "../../src/config/document/secret.ts";
import { createLogger } from "../../src/telemetry/log.ts";

function logged(encoding: "console" | "json", use: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  use(createLogger({ level: "info", encoding, write: (line) => (text += line) }));
  return text;
}

test("the console shows time, level, message and fields on one line", () => {
  const text = logged("console", (log) =>
    log
      .child({ "otelcol.component.id": "otlp_grpc/tempo" })
      .warn({ interval: "5s", error: new Error("no route"), items: 3 }, "Will try again"),
  );
  expect(text).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn Will try again otelcol\.component\.id=otlp_grpc\/tempo interval=5s error="no route" items=3\n$/,
  );
});

test("json has the same, one object on a line", () => {
  const text = logged("json", (log) => log.child({ a: 1 }).error({ error: new Error("no route") }, "Failed"));
  expect(JSON.parse(text)).toEqual({
    level: "error",
    time: expect.any(String),
    a: 1,
    error: "no route",
    message: "Failed",
  });
  expect(text.endsWith("}\n")).toBe(true);
});

test("fields that were asked for are on every message", () => {
  let text = "";
  const initialFields = { node: "n1", zone: 7 };
  const log = createLogger({ level: "info", encoding: "json", initialFields, write: (line) => (text += line) });
  log.child({ a: 1 }).info({ b: 2 }, "Hello");
  expect(JSON.parse(text)).toEqual({
    level: "info",
    time: expect.any(String),
    node: "n1",
    zone: 7,
    a: 1,
    b: 2,
    message: "Hello",
  });
});

test("messages below the level are not written", () => {
  expect(logged("json", (log) => log.debug({}, "Not shown"))).toBe("");
});

test.each(["console", "json"] as const)("secrets are never written to %s", (encoding) => {
  const text = logged(encoding, (log) =>
    log.info({ token: new Secret("hunter2"), deep: { headers: [new Secret("hunter2")] } }, "Connected"),
  );
  expect(text).not.toContain("hunter2");
  expect(text).toContain("[REDACTED]");
});

test("nothing that comes from data can steer the terminal or begin a new line", () => {
  const text = logged("console", (log) =>
    log.info({ "k\n": "a\u001b[31mred\r\n", list: ["\u0007\u009b"], lines: ["x\ny\u202e"] }, "m\u001b]0;t\u0007"),
  );
  expect(text.split("\n")).toHaveLength(3);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("lines of a field stand below the message", () => {
  expect(logged("console", (log) => log.info({ n: 1, lines: ["  a", "  b"] }, "Title"))).toMatch(
    / info Title n=1\n {2}a\n {2}b\n$/,
  );
});

test("a line that is too long is cut", () => {
  expect(logged("console", (log) => log.info({ v: "x".repeat(100_000) }, "Long")).length).toBeLessThan(17_000);
});

test("fields that JSON does not know are written all the same", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  expect(logged("console", (log) => log.info({ big: 5n, circular }, "Odd"))).toContain("big=5");
});
