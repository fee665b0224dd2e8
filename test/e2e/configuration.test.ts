import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runPodstamp } from "../support/agent/podstamp.ts";

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "wrong.yaml");
  writeFileSync(path, text);
  return path;
}

const wrong = `receivers:
  otlp:
    protocols:
      grpc:
processors:
  cri_attributes:
    node_nam: worker-1
  batch:
    timeout: soon
exporters:
  debug:
service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [cri_attributes, batch]
      exporters: [debug]
`;

test.for(["validate", undefined])(
  "a wrong key and a wrong value are said at once with place, path, rule and known keys (%s)",
  async (command) => {
    const path = file(wrong);
    const { code, output } = await runPodstamp([...(command === undefined ? [] : [command]), "--config", path]);
    expect(code).toBe(1);
    const lines = output.split("\n");
    expect(lines[0]).toMatch(/wrong\.yaml:7:5: Cannot use processors::cri_attributes::node_nam: .*node_name/);
    expect(lines[1]).toMatch(/wrong\.yaml:9:14: Cannot use processors::batch::timeout: must be .*, is "?soon"?/);
    expect(output).not.toMatch(/^\s+at /m);
  },
);

test("a configuration file that is not there is said in words, without a stack trace", async () => {
  const { code, output } = await runPodstamp(["--config", "/nowhere/podstamp.yaml"]);
  expect(code).toBe(1);
  expect(output).toMatch(/^\/nowhere\/podstamp\.yaml:.*Cannot read .*: there is no such file$/m);
  expect(output).not.toMatch(/^\s+at /m);
});
