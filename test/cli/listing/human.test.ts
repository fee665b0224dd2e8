import { expect, test } from "vitest";
import { humanDuration, humanSize } from "../../../src/cli/listing/human.ts";

const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];

// What github.com/docker/go-units, which crictl uses, says of the same.
test.each([
  [450, "Less than a second"],
  [1.5 * s, "1 second"],
  [59 * s, "59 seconds"],
  [90 * s, "About a minute"],
  [59 * m, "59 minutes"],
  [60 * m, "About an hour"],
  [1.6 * h, "2 hours"],
  [47 * h, "47 hours"],
  [48 * h, "2 days"],
  [13 * d, "13 days"],
  [14 * d, "2 weeks"],
  [59 * d, "8 weeks"],
  [60 * d, "2 months"],
  [729 * d, "24 months"],
  [730 * d, "2 years"],
])("%d ms are %s", (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test.each([
  [0, "0B"],
  [421, "421B"],
  [1000, "1kB"],
  [1_997_500, "2MB"],
  [1_024_000, "1.02MB"],
  [320_448_000, "320MB"],
  [7.31e9, "7.31GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});
