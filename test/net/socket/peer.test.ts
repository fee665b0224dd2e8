import { expect, test } from "vitest";
import { isLoopback } from "../../../src/net/socket/peer.ts";

test.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["::ffff:127.0.0.1", true],
  ["::ffff:7f00:1", true],
  ["128.0.0.1", false],
  ["::2", false],
  ["::ffff:10.0.0.1", false],
  ["localhost", false],
  ["", false],
])("%j is an address of loopback: %s", (address, is) => {
  expect(isLoopback(address)).toBe(is);
});
