import { expect, test } from "vitest";
import { recognise } from "../../../src/net/socket/foreign.ts";

test.each([
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"],
  ["PRI * HT", "HTTP/2"],
  ["P", "HTTP/2"],
  ["POST /v1/traces HTTP/1.1\r\n", "HTTP/1.1"],
  ["GET http://x/ HTTP/1.0\r\n", "HTTP/1.1"],
  ["OPTIONS * HTTP/1.1\r\n", "HTTP/1.1"],
  ["INVALID CONNECTION PREFACE\r\n\r\n", undefined],
  ["get / HTTP/1.1", undefined],
  ["", undefined],
  ["\u0016\u0003\u0001\u0000\u00c8\u0001", "TLS"],
  ["\u0016\u0004", undefined],
])("%j is the beginning of %s", (first, protocol) => expect(recognise(Buffer.from(first, "latin1"))).toBe(protocol));
