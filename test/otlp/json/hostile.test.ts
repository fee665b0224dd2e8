import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe as group, expect, test } from "vitest";
import { jsonToProtobuf } from "../../../src/otlp/json/read.ts";
import { Scanner } from "../../../src/otlp/json/scanner.ts";
import { requestNames } from "../../../src/otlp/json/schema.ts";
import { protobufToJson } from "../../../src/otlp/json/write.ts";
import { anyDamage } from "../damage.ts";
import { anyMessage } from "./any-message.ts";
import { describe } from "./library.ts";

/** JSON as text, often with a mistake: a character left out, doubled or replaced by one that means something. */
const anyText = fc
  .tuple(
    fc.oneof(
      fc.json(),
      fc.json().map((text) => text.replaceAll(/[,:]/g, "$& \r\n\t")),
    ),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(
          "",
          ...Array.from('{}[]",:\\0123eE+-.tfnu \n\u0001\u00e4'),
          "\\u12",
          "\\ud83d",
          "1e5",
          "-0",
          "00",
          "null",
        ),
      ),
      { maxLength: 2 },
    ),
  )
  .map(([text, changes]) =>
    changes.reduce((now, [at, by]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + by + now.slice(place + (at % 2));
    }, text),
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isTaken(text: string): boolean {
  const scanner = new Scanner(Buffer.from(text));
  return scanner.skip() && scanner.peek() === -1;
}

test("what is JSON for the engine is JSON for the scanner, and nothing else", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(isTaken(text)).toBe(isJson(text));
    }),
    { numRuns: 5000 },
  );
});

test("a key is taken as the engine takes it, with any escapes", () => {
  const escaped = fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text));
  fc.assert(
    fc.property(escaped, fc.string(), (key, more) => {
      const scanner = new Scanner(Buffer.from(`${key} :${JSON.stringify(more)}`));
      expect(scanner.key()).toBe(true);
      expect(scanner.text.toString("utf8", scanner.start, scanner.stop)).toBe(JSON.parse(key));
      expect(scanner.kind() === "string" && scanner.string()).toBe(true);
      expect(scanner.text.toString("utf8", scanner.start, scanner.stop)).toBe(more);
    }),
  );
});

group.each(["traces", "logs", "metrics", "profiles"] as const)("damaged %s", (signal) => {
  const desc = describe(signal, "Request");
  const name = requestNames[signal];

  test("in protobuf become JSON that can be read again, or are refused in words", () => {
    fc.assert(
      fc.property(anyMessage(desc), anyDamage, (message, damage) => {
        const written = protobufToJson(name, damage(toBinary(desc, message)));
        const text = written.status === "ok" ? written.bytes.toString() : JSON.stringify(written.problem);
        expect(isJson(text)).toBe(true);
        // An id of another length and an enum beyond 32 bits are all that JSON has no way back for.
        const read = written.status === "ok" ? jsonToProtobuf(name, written.bytes) : written;
        expect(read.status === "ok" || /hex digits|^Cannot write/.test(read.problem)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("in JSON become protobuf of the same meaning, or are refused in words", () => {
    fc.assert(
      fc.property(anyMessage(desc), anyDamage, (message, damage) => {
        const whole = protobufToJson(name, toBinary(desc, message));
        const read = jsonToProtobuf(name, damage(whole.status === "ok" ? whole.bytes : Buffer.alloc(0)));
        const again = read.status === "ok" ? protobufToJson(name, read.bytes).status : read.problem;
        expect(again).toMatch(/^(ok$|Cannot read .*: must .*, is .* \(byte \d+\)$)/s);
      }),
      { numRuns: 400 },
    );
  });
});
