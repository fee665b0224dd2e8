import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader } from "../../../../src/net/http2/frames/frame-reader.ts";
import type { FrameSink, Span } from "../../../../src/net/http2/frames/frame-sink.ts";
import { settings } from "../../../support/http2/frames.ts";
import { conversation, cutInto, damaged, pieces } from "../../../support/http2/arbitrary.ts";

/** What is told of a conversation. Data that comes in pieces is told in pieces, so that only their sum counts. */
function told(chunks: readonly Buffer[]): { readonly events: readonly string[]; readonly held: number } {
  const events: string[] = [];
  let body = "";
  const text = ({ bytes, start, end }: Span): string => bytes.toString("hex", start, end);
  const tell =
    (name: string) =>
    (...values: readonly (Span | number | boolean | string)[]): void => {
      events.push(
        [name, ...values.map((value) => (typeof value === "object" ? text(value) : String(value)))].join(" "),
      );
    };
  const sink: FrameSink = {
    onDataBegin: tell("data"),
    onData: (span) => (body += text(span)),
    onDataEnd(endsStream) {
      tell("end")(body, endsStream);
      body = "";
    },
    onHeaders: tell("headers"),
    onReset: tell("reset"),
    onSettings: tell("settings"),
    onSettingsAck: tell("acknowledged"),
    onPing: tell("ping"),
    onGoaway: tell("goaway"),
    onWindowUpdate: tell("window"),
    onIdleFrame: tell("idle"),
    onStreamError: tell("stream error"),
    onConnectionError: tell("connection error"),
  };
  const reader = new FrameReader(sink, { maxFrameBytes: 16_384, maxBlockBytes: 8192, maxBlockFrames: 16 });
  for (const chunk of chunks) {
    // As from a socket: the memory is used again for what comes next.
    const lent = Buffer.concat([Buffer.from([7]), chunk, Buffer.from([7])]);
    reader.push(lent, 1, lent.length - 1);
    lent.fill(0xee);
  }
  return { events, held: reader.held };
}

test("what is told of a conversation is the same however it is cut", () => {
  fc.assert(
    fc.property(conversation, pieces, (frames, sizes) => {
      const bytes = Buffer.concat([settings(), frames]);
      expect(told(cutInto(bytes, sizes)).events).toEqual(told([bytes]).events);
    }),
    { numRuns: 500 },
  );
});

test("a conversation that was damaged is told the same however it is cut, ends at its first error, and holds little", () => {
  fc.assert(
    fc.property(damaged(conversation), pieces, (frames, sizes) => {
      const bytes = Buffer.concat([settings(), frames]);
      const { events, held } = told(cutInto(bytes, sizes));
      expect(events).toEqual(told([bytes]).events);
      const error = events.findIndex((event) => event.startsWith("connection error"));
      expect([-1, events.length - 1]).toContain(error);
      // Buffers double as they grow.
      expect(held).toBeLessThan(4 * bytes.length + 8192);
    }),
    { numRuns: 1000 },
  );
});
