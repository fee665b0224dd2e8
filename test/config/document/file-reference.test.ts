import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { components } from "../../../src/components.ts";
import { checkConfig } from "../../../src/config/check.ts";
import { expandTree } from "../../../src/config/document/expand.ts";
import { problemLine } from "../../../src/config/document/problem.ts";
import { parseTree } from "../../../src/config/document/tree.ts";
import type { Tree } from "../../../src/config/document/tree.ts";
import { Secret } from "../../../src/config/document/secret.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "podstamp-file-"));
  mkdirSync(join(folder, "folder"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === "string" ? content.replaceAll("DIR", folder) : content);
});
afterAll(() => rmSync(folder, { recursive: true }));

const files: Readonly<Record<string, string | Buffer>> = {
  token: "hunter2\n",
  "token.windows": "\uFEFFhunter2\r\n",
  number: "0123\n",
  password: "pa$$word${env:HOST}\n",
  two: "one\ntwo\n\n",
  empty: "",
  end: "\n",
  binary: Buffer.from([0x68, 0xff, 0xfe]),
  large: "x".repeat(2 ** 20 + 1),
  largest: "x".repeat(2 ** 20),
  "map.yaml": 'a: "${env:HOST}"\nb: "${file:DIR/token}"\nc: [1, "$${x}"]\n',
  "list.yaml": "- hunter2\n",
  "unset.yaml": "a:\n  b: ${env:NOT_SET}\n",
  broken: "a: {b: hunter2\nc: 1\n",
  "broken.yaml": "a: {b: hunter2\nc: 1\n",
  "circle.yaml": "a: ${file:DIR/circle.yaml}\n",
  "one.yaml": "b: ${file:DIR/other.yaml}\n",
  "other.yaml": "c: ${file:DIR/one.yaml}\n",
  "pointer.yaml": '"${file:DIR/token}"',
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`deep${at}.yaml`, `d: "\${file:DIR/deep${at + 1}.yaml}"`]),
  ),
};

function expanded(text: string) {
  const parsed = parseTree("a.yaml", `v: '${text.replaceAll("DIR", folder)}'`).tree;
  if (parsed === undefined) throw new Error(`Cannot parse ${text}`);
  const { tree, problems } = expandTree(parsed, { HOST: "node-7", WHERE: folder });
  const value = tree.kind === "map" ? tree.entries.get("v")?.tree : undefined;
  return {
    tree: value ?? expect.fail(),
    problems: problems.map((problem) => problemLine(problem).replaceAll(folder, "DIR")),
  };
}

function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.tree)]));
}

describe("references to files", () => {
  test.each([
    ["${file:DIR/token}", "hunter2"],
    ["Bearer ${file:DIR/token}", "Bearer hunter2"],
    ["Basic ${file:DIR/token}:${file:DIR/token}", "Basic hunter2:hunter2"],
    ["${file:DIR/token.windows}", "hunter2"],
    ["${file:DIR/number}", 83],
    ["x${file:DIR/number}", "x0123"],
    ["x${file:DIR/two}y", "xone\ntwoy"],
    ["${file:DIR/empty}", null],
    ["x${file:DIR/end}y", "xy"],
    ["${file:${env:WHERE}/token}", "hunter2"],
    ["${env:NOT_SET:-${file:DIR/token}}", "hunter2"],
    ["$${file:DIR/token}", "${file:DIR/token}"],
    ["$$${file:DIR/token}", "$hunter2"],
    ["${file:DIR/folder/../token}", "hunter2"],
    ["${file://DIR/token}", "hunter2"],
    ["${file:DIR/map.yaml}", { a: "node-7", b: "hunter2", c: [1, "${x}"] }],
  ])("%s becomes %j", (text, value) => {
    const { tree, problems } = expanded(text);
    expect(problems).toEqual([]);
    expect(plain(tree)).toEqual(JSON.parse(JSON.stringify(value).replaceAll("DIR", folder)));
  });

  test("a name that does not begin with / is looked for where podstamp runs", () => {
    expect(expanded("${file:package.json}").tree).toMatchObject({ kind: "map" });
  });

  test("a whole value keeps its text for settings that are strings", () => {
    expect(expanded("${file:DIR/number}").tree).toMatchObject({ value: 83, text: "0123" });
    expect(expanded("${file:DIR/map.yaml}").tree.text).toBe(
      String(files["map.yaml"]).replaceAll("DIR", folder).trimEnd(),
    );
  });

  test("a password is taken as it is, whatever it looks like", () => {
    expect(plain(expanded("${file:DIR/password}").tree)).toBe("pa$$word${env:HOST}");
    expect(plain(expanded("x${file:DIR/pointer.yaml}").tree)).toBe(`x"\${file:${folder}/token}"`);
  });

  test("what is wrong in a map from a file stands in that file", () => {
    expect(expanded("${file:DIR/unset.yaml}").problems).toEqual([
      "DIR/unset.yaml:2:6: warning: v::a::b refers to the environment variable NOT_SET, which is not set: it is taken as empty",
    ]);
  });
});

describe("files that cannot be taken", () => {
  test.each([
    ["missing", "there is no such file"],
    ["token/below", "not a directory"],
    ["folder", "it is a folder"],
    ["pipe", "it is not a regular file"],
    ["large", "it must have at most 1048576 bytes"],
    ["binary", "it must be text in UTF-8"],
    ["missing:-x", 'there is no such file; a file has no default, all behind "file:" is its name'],
    [`${"x".repeat(300)}`, "name too long"],
  ])("%s is refused: %s", (name, reason) => {
    expect(expanded(`x\${file:DIR/${name}}`).problems).toEqual([
      `a.yaml:1:4: Cannot use v: cannot read "DIR/${name}": ${reason}`,
    ]);
  });

  test.each([
    ["${file:DIR/circle.yaml}", "DIR/circle.yaml:1:4: Cannot use v::a: must not refer to a file that it stands in"],
    ["${file:DIR/one.yaml}", "DIR/other.yaml:1:4: Cannot use v::b::c: must not refer to a file that it stands in"],
    [
      "${file:DIR/deep0.yaml}",
      `DIR/deep9.yaml:1:4: Cannot use v${"::d".repeat(10)}: must not refer to a file from within 10 others`,
    ],
    [
      "${file:DIR/largest}".repeat(9),
      "a.yaml:1:4: Cannot use v: files must bring at most 8388608 bytes into the configuration",
    ],
    ["${file:}", "a.yaml:1:4: Cannot use v: must name a file behind file:"],
  ])("%s is refused: %s", (text, message) => {
    expect(expanded(text).problems).toEqual([message]);
  });

  test("a piece of the configuration is refused where its YAML is wrong, and a text that is none is taken", () => {
    expect(expanded("${file:DIR/broken.yaml}").problems).toEqual([
      "DIR/broken.yaml:2:1: Cannot use v: must be YAML, and cannot be read here",
    ]);
    expect(expanded("x${file:DIR/broken.yaml}").problems).toEqual([]);
    expect(expanded("${file:DIR/broken}").problems).toEqual([]);
  });

  test("a thousand files of the largest size end with a message, not out of memory", () => {
    expect(new Set(expanded("${file:DIR/largest}".repeat(999)).problems).size).toBe(1);
  });
});

describe("what a file holds is in no message", () => {
  test.each([
    "${file:${file:DIR/token}}",
    "${vault:${file:DIR/token}}",
    "${env:${file:DIR/token}}",
    "${env:1${file:DIR/token}}",
  ])("%s", (text) => {
    const said = expanded(text).problems.join("\n");
    expect(said).toMatch(/^a\.yaml:1:4: .*v.*\[REDACTED\]/);
    expect(said).not.toContain("hunter2");
  });

  const configuration = (timeout: string, header: string) => `
receivers: {otlp: {protocols: {grpc: }}}
exporters:
  otlp_grpc:
    endpoint: "tempo:4317"
    timeout: "${timeout}"
    headers: {authorization: "${header}"}
service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}
`;

  function checked(timeout: string, header: string) {
    const { tree = expect.fail() } = parseTree("a.yaml", configuration(timeout, header).replaceAll("DIR", folder));
    const whole = expandTree(tree, {});
    const { config, problems } = checkConfig(whole.tree, components, {});
    return { config, lines: [...whole.problems, ...problems].map(problemLine) };
  }

  test.each(["${file:DIR/token}", "1${file:DIR/token}", "${env:NOT_SET:-${file:DIR/token}}"])(
    "of a setting that it is wrong for: %s",
    (timeout) => {
      expect(checked(timeout, "x").lines).toEqual([
        "a.yaml:6:14: Cannot use exporters::otlp_grpc::timeout: must be a duration such as 2s, is [REDACTED]",
      ]);
    },
  );

  test("nor what is wrong in it", () => {
    const text = configuration("5s", "x")
      .replace(
        "exporters:",
        'processors: {k8s_attributes: {extract: {labels: [{key_regex: "(${file:DIR/token}"}]}}}\nexporters:',
      )
      .replace("exporters: [", "processors: [k8s_attributes], exporters: [")
      .replace("DIR", folder);
    const whole = expandTree(parseTree("a.yaml", text).tree ?? expect.fail(), {});
    expect(checkConfig(whole.tree, components, {}).problems.map(problemLine)).toEqual([
      "a.yaml:3:62: Cannot use processors::k8s_attributes::extract::labels::0::key_regex: must be a regular expression (RE2), is [REDACTED]",
    ]);
  });

  test("of one that a list is wrong for", () => {
    expect(checked("${file:DIR/list.yaml}", "x").lines).toEqual([
      "a.yaml:6:14: Cannot use exporters::otlp_grpc::timeout: must be a duration such as 2s",
    ]);
  });

  test("nor a value of a map, which is told with its place in the file", () => {
    writeFileSync(join(folder, "queue.yaml"), "queue_size: hunter2\nconsumers: 1\n");
    const text = configuration("5s", "x").replace(
      "headers:",
      `sending_queue: "\${file:${folder}/queue.yaml}"\n    headers:`,
    );
    const whole = expandTree(parseTree("a.yaml", text).tree ?? expect.fail(), {});
    const lines = checkConfig(whole.tree, components, {}).problems.map(problemLine);
    expect(lines.map((line) => line.replace(folder, "DIR").replace(/; (?:did|known).*/, ""))).toEqual([
      expect.stringMatching(/^DIR\/queue\.yaml:1:13: .*::sending_queue::queue_size: must be .*, is \[REDACTED\]$/),
      "DIR/queue.yaml:2:1: Cannot use exporters::otlp_grpc::sending_queue::consumers: unknown key",
    ]);
  });

  test("a token that ends with a line makes a header, and one of two lines is refused", () => {
    const { config, lines } = checked("5s", "Bearer ${file:DIR/token}");
    expect(lines).toEqual([]);
    const { settings } = config?.exporters.get("otlp_grpc") ?? expect.fail();
    expect(settings).toMatchObject({ headers: new Map([["authorization", expect.any(Secret)]]) });
    expect(JSON.stringify(settings)).not.toContain("hunter2");
    const header = (settings as { headers: ReadonlyMap<string, Secret> }).headers.get("authorization");
    expect(header?.reveal()).toBe("Bearer hunter2");
    expect(checked("5s", "Bearer ${file:DIR/two}").lines).toEqual([
      "a.yaml:7:30: Cannot use exporters::otlp_grpc::headers::authorization: must be a header value without control characters, is [REDACTED]",
    ]);
  });

  test("another token is another exporter for a reload, the same token is the same", () => {
    const fingerprint = () =>
      checked("5s", "${file:DIR/renewed}").config?.exporters.get("otlp_grpc")?.fingerprint ?? expect.fail();
    writeFileSync(join(folder, "renewed"), "one\n");
    const before = fingerprint();
    expect(fingerprint()).toBe(before);
    writeFileSync(join(folder, "renewed"), "two\n");
    expect(fingerprint()).not.toBe(before);
  });
});
