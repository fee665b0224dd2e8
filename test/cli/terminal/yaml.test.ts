import { expect, test } from "vitest";
import { parse } from "yaml";
import { yaml } from "../../../src/cli/terminal/yaml.ts";
import { steering } from "../given-cli.ts";

test("a value comes back from YAML as it was, whatever is in its names", () => {
  const value = [
    {
      plain: "text",
      "k\u009b31m": "line\nbreak\ttab",
      rtl: "a\u202eb\u2028c\u{e0001}d",
      long: `${"word ".repeat(60)}\nend\u0007`,
      number: 3,
      nothing: null,
      list: [],
      map: {},
      looks: ["true", "1", "null", "- x", "a: b", "#c", "@d", ""],
    },
  ];
  expect(parse(yaml(value))).toEqual(value);
  expect(yaml(value)).not.toMatch(steering);
});
