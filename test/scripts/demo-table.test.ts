import { expect, test } from "vitest";
import { differences } from "../../scripts/demo/subject.ts";
import { resourceTable } from "../../scripts/demo/table.ts";

const digest = `sha256:${"4b".repeat(32)}`;
const before = { "service.name": "checkout", "container.id": "9c".repeat(32) };
const after = {
  ...before,
  "k8s.pod.uid": "6457be6d-22e7-413a-8289-f1df16903dda",
  "k8s.container.restart_count": 0,
  "container.image.repo_digests": [`registry.example.com:5000/a-team-with-a-long-name/checkout@${digest}`],
};

test("the demo's table keeps within its width, and marks and shortens what was added", () => {
  const lines = resourceTable(before, after, { width: 80, hasColor: false }).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContain("+ k8s.container.restart_count   -              0");
  expect(lines.join("\n")).toContain("sha256:4b4b4b4b4b4b…");
  expect(lines.join("\n")).not.toContain("\u001b");
});

test("the demo's table has colours only when it may", () => {
  expect(resourceTable(before, after, { width: 80, hasColor: true })).toContain(
    "\u001b[32m+ k8s.container.restart_count",
  );
});

test("the demo finds a value that is missing, another, of another type, or not expected", () => {
  const arrived = {
    ...after,
    "k8s.container.restart_count": "0",
    "k8s.pod.uid": undefined,
    "k8s.cluster.name": "made-up",
  };
  expect(differences(arrived, after)).toEqual([
    { key: "k8s.pod.uid", expected: "6457be6d-22e7-413a-8289-f1df16903dda", arrived: undefined },
    { key: "k8s.container.restart_count", expected: 0, arrived: "0" },
    { key: "k8s.cluster.name", expected: undefined, arrived: "made-up" },
  ]);
  expect(differences(after, after)).toEqual([]);
});
