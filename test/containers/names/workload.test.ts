import { describe, expect, test } from "vitest";
import { workloadsOf } from "../../../src/containers/names/workload.ts";
import type { PodFacts } from "../../../src/runtimes/facts.ts";

const created = Date.parse("2026-11-20T08:15:31Z");
/** The minute of that. */
const minute = Math.floor(created / 60_000);

function pod(name: string, labels: Readonly<Record<string, string>>, annotations = {}): PodFacts {
  return {
    id: "a",
    name,
    namespace: "shop",
    uid: "u",
    attempt: 0,
    isReady: true,
    createdAt: created,
    labels,
    annotations,
  };
}

const namesOf = (name: string, labels: Readonly<Record<string, string>>) => workloadsOf(pod(name, labels)).names;

describe("a Deployment's pod", () => {
  test("is named by its template's hash", () => {
    expect(namesOf("front-end-58c8d97b4f-7hq2x", { "pod-template-hash": "58c8d97b4f" })).toEqual({
      deployment: "front-end",
      replicaset: "front-end-58c8d97b4f",
    });
  });

  test("may have a hash of digits or of few characters, and a name with the hash in it", () => {
    expect(namesOf("a-2891696001-51234", { "pod-template-hash": "2891696001" })).toMatchObject({ deployment: "a" });
    expect(namesOf("a-5f-51234", { "pod-template-hash": "5f" })).toMatchObject({ deployment: "a" });
    expect(namesOf("a-5f-5f-51234", { "pod-template-hash": "5f" })).toMatchObject({ deployment: "a-5f" });
  });

  test("whose name was cut at 58 characters has a controller that nobody can name", () => {
    const base = `${"a".repeat(50)}-58c8d97b4f-`.slice(0, 58);
    expect(workloadsOf(pod(`${base}7hq2x`, { "pod-template-hash": "58c8d97b4f" }))).toEqual({
      names: {},
      uids: {},
      isHidden: true,
    });
  });

  test("of 63 characters that was not cut has its name", () => {
    const deployment = "a".repeat(46);
    expect(namesOf(`${deployment}-58c8d97b4f-7hq2x`, { "pod-template-hash": "58c8d97b4f" })).toMatchObject({
      deployment,
    });
  });

  test.each([
    ["web", "58c8d97b4f"],
    ["web-0", "abc"],
    ["web-58c8d97b4f", "58c8d97b4f"],
    ["web-58c8d97b4f-0", "58c8d97b4f"],
    ["web-58c8d97b4f-toolong", "58c8d97b4f"],
    ["-58c8d97b4f-7hq2x", "58c8d97b4f"],
    ["web-other-7hq2x", "58c8d97b4f"],
    ["web-58c8d97b4f-7hq2x", ""],
  ])("a user's own pod-template-hash says nothing: %s, %s", (name, hash) => {
    expect(workloadsOf(pod(name, { "pod-template-hash": hash }))).toEqual({ names: {}, uids: {}, isHidden: false });
  });
});

describe("a pod of Argo Rollouts", () => {
  const labels = { "rollouts-pod-template-hash": "687d76d795" };

  test("has a ReplicaSet and no Deployment", () => {
    expect(namesOf("front-end-687d76d795-7hq2x", labels)).toEqual({ replicaset: "front-end-687d76d795" });
  });

  test("is known by its label also beside a user's own pod-template-hash", () => {
    const both = { ...labels, "pod-template-hash": "mine" };
    expect(namesOf("front-end-687d76d795-7hq2x", both)).toEqual({ replicaset: "front-end-687d76d795" });
  });

  test("whose name was cut has a controller that nobody can name", () => {
    const name = `${`${"a".repeat(50)}-687d76d795-`.slice(0, 58)}7hq2x`;
    expect(workloadsOf(pod(name, labels))).toEqual({ names: {}, uids: {}, isHidden: true });
  });

  test("of another name has somebody's own label", () => {
    expect(namesOf("front-end-0", labels)).toEqual({});
  });
});

describe("a StatefulSet's pod", () => {
  const labels = {
    "statefulset.kubernetes.io/pod-name": "db-main-2",
    "apps.kubernetes.io/pod-index": "2",
    "controller-revision-hash": "db-main-7d9f6c5b84",
  };

  test("is named by its labels, of old versions and new ones", () => {
    expect(namesOf("db-main-2", labels)).toEqual({ statefulset: "db-main" });
    expect(namesOf("db-2", { "statefulset.kubernetes.io/pod-name": "db-2" })).toEqual({ statefulset: "db" });
    const { "statefulset.kubernetes.io/pod-name": _, ...newer } = labels;
    expect(namesOf("db-main-2", newer)).toEqual({ statefulset: "db-main" });
  });

  test.each([
    ["another pod's name", "db-main-3", labels],
    ["another set's revision", "db-main-2", { ...labels, "controller-revision-hash": "other-7d9f6c5b84" }],
    ["an index alone", "db-main-2", { "apps.kubernetes.io/pod-index": "2" }],
    ["no ordinal", "db-main", { "statefulset.kubernetes.io/pod-name": "db-main" }],
  ])("says nothing with %s", (_, name, wrong) => {
    expect(namesOf(name, wrong)).toEqual({});
  });

  test("is none of Strimzi's, which has its label and another controller", () => {
    const strimzi = { "strimzi.io/controller": "strimzipodset", "strimzi.io/controller-name": "stage-kafka" };
    expect(namesOf("stage-kafka-1", { "statefulset.kubernetes.io/pod-name": "stage-kafka-1", ...strimzi })).toEqual({});
  });

  test("is none of a DaemonSet with a revision", () => {
    expect(namesOf("db-main-2", { ...labels, "pod-template-generation": "1" })).toEqual({ statefulset: "db-main" });
  });
});

describe("a DaemonSet's pod", () => {
  const labels = { "controller-revision-hash": "5d9f6c5b84", "pod-template-generation": "3" };

  test("is named by its own name without the last part", () => {
    expect(namesOf("node-exporter-x7k2p", labels)).toEqual({ daemonset: "node-exporter" });
  });

  test("whose name may have been cut has a controller that nobody can name", () => {
    expect(workloadsOf(pod(`${"a".repeat(57)}-x7k2p`, labels)).isHidden).toBe(true);
    expect(workloadsOf(pod(`${"a".repeat(58)}x7k2p`, labels)).isHidden).toBe(true);
  });

  test.each([
    ["a revision alone", { "controller-revision-hash": "5d9f6c5b84" }],
    ["a generation alone", { "pod-template-generation": "3" }],
    ["a generation that is none", { ...labels, "pod-template-generation": "x" }],
  ])("says nothing with %s", (_, wrong) => {
    expect(namesOf("node-exporter-x7k2p", wrong)).toEqual({});
  });
});

describe("a Job's pod", () => {
  const labelsOf = (job: string) => ({
    "batch.kubernetes.io/job-name": job,
    "job-name": job,
    "batch.kubernetes.io/controller-uid": "4a84d6a1",
    "controller-uid": "4a84d6a1",
  });

  test("is named by its labels, with the Job's uid", () => {
    expect(workloadsOf(pod("import-all-t8x2c", labelsOf("import-all")))).toEqual({
      names: { job: "import-all" },
      uids: { job: "4a84d6a1" },
      isHidden: false,
    });
  });

  test("of before 1.27 has labels without a prefix, which count together", () => {
    expect(namesOf("a-t8x2c", { "job-name": "a", "controller-uid": "u" })).toEqual({ job: "a" });
    expect(namesOf("a-t8x2c", { "job-name": "a" })).toEqual({});
  });

  test("with an index, and with a name that was cut", () => {
    expect(namesOf("import-all-3-t8x2c", labelsOf("import-all"))).toEqual({ job: "import-all" });
    const long = "b".repeat(63);
    expect(namesOf(`${"b".repeat(58)}t8x2c`, labelsOf(long))).toEqual({ job: long });
  });

  test("of another name is somebody's own label", () => {
    expect(namesOf("web-0", labelsOf("import-all"))).toEqual({});
  });

  test.each([
    [0, true],
    [1440, true],
    [-1440, true],
    [1441, false],
    [-1441, false],
  ])("is a CronJob's when it is named by the minute of its creation: %i minutes off", (off, isCron) => {
    const job = `nightly-${minute + off}`;
    expect(namesOf(`${job}-b2k9d`, labelsOf(job))).toEqual(isCron ? { job, cronjob: "nightly" } : { job });
  });

  test.each(["nightly-20261120", "nightly-1234567", "nightly-1795162530", "nightly", "29919375"])(
    "whose name only looks like a CronJob's is none: %s",
    (job) => {
      expect(namesOf(`${job}-b2k9d`, labelsOf(job))).toEqual({ job });
    },
  );

  test("is as old as the kubelet has seen it, when it tells that", () => {
    const job = `late-${minute - 3000}`;
    const seen = { "kubernetes.io/config.seen": new Date((minute - 3000) * 60_000).toISOString() };
    expect(workloadsOf(pod(`${job}-b2k9d`, labelsOf(job), seen)).names).toEqual({ job, cronjob: "late" });
  });
});

test.each([{}, { app: "web" }, { deploymentconfig: "web" }, { "job-name": "" }])(
  "a pod without a controller's labels has none: %j",
  (labels) => {
    expect(workloadsOf(pod("legacy-rc-abcde", labels))).toEqual({ names: {}, uids: {}, isHidden: false });
  },
);
