import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { countsOf } from "../../../src/cli/doctor/checks/counts.ts";
import { asText } from "../../../src/cli/doctor/show.ts";
import { folderOfTest } from "../../extensions/file-storage/given-storage.ts";
import { steering } from "../given-cli.ts";
import { configWith, doctor, of, todoOf } from "./given-doctor.ts";

describe("the configuration", () => {
  test("that is broken is told with its place", async () => {
    const file = join(folderOfTest(), "broken.yaml");
    writeFileSync(file, "receivers: {otlp: [\n");
    const examined = await doctor(["--config", file]);
    expect(examined.code).toBe(1);
    const [configuration] = of("configuration", examined);
    expect(configuration).toMatchObject({ status: "problem", text: expect.stringMatching(/broken\.yaml:\d+:\d+: /) });
  });

  test("that is a text is not shown, since a password may be in it", async () => {
    const file = configWith("{nop: }");
    const examined = await doctor(["--config", `file:${file}`, "--config", "yaml:exporters: {nop: {}} # hunter2"]);
    const [configuration] = of("configuration", examined);
    expect(configuration).toMatchObject({ status: "ok", text: `${file}, yaml is valid: traces` });
    expect(JSON.stringify(examined)).not.toContain("hunter2");
  });

  test("that stamps nothing is a problem", async () => {
    const file = configWith("{nop: }", { processors: "{batch: }" });
    const found = of("configuration", await doctor(["--config", file]));
    expect(found.map(({ status, text }) => [status, text])).toContainEqual([
      "problem",
      "No pipeline has cri_attributes: nothing is stamped",
    ]);
  });

  test("in which batch stands first is a warning", async () => {
    const file = configWith("{nop: }", { processors: "{batch: , cri_attributes: }" });
    const found = of("configuration", await doctor(["--config", file]));
    expect(found.map(todoOf)).toContain("put cri_attributes before batch");
  });

  test("of nobody is skipped, and said so", async () => {
    const [configuration] = of("configuration", await doctor([]));
    expect(configuration).toMatchObject({ status: "skipped", text: expect.stringContaining("--config FILE") });
  });
});

describe("an address to listen at", () => {
  const given = (port: number, host = "127.0.0.1") =>
    configWith("{nop: }", { receivers: `{otlp: {protocols: {grpc: {endpoint: "${host}:${port}"}}}}` });

  test("that somebody else has is told with who", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const [listener] = of("listener", await doctor(["--config", given(port)]));
    expect(listener).toMatchObject({
      status: "problem",
      text: expect.stringMatching(
        new RegExp(`^receivers::otlp::grpc: .*127\\.0\\.0\\.1:${port}.*process ${process.pid} `),
      ),
    });
  });

  test("that this machine has not is told as that", async () => {
    const receivers = `{otlp: {protocols: {grpc: {endpoint: "192.0.2.1:4317"}}}}`;
    const [listener] = of("listener", await doctor(["--config", configWith("{nop: }", { receivers })]));
    expect(listener).toMatchObject({ status: "problem", text: expect.stringContaining("EADDRNOTAVAIL") });
    expect(todoOf(listener)).toMatch(/^listen at an address that this machine has/);
  });

  test("of metrics that are switched off is none, and nothing is read there", async () => {
    const examined = await doctor(["--config", configWith("{nop: }", { metrics: "{level: none}" })]);
    expect(of("listener", examined)).toEqual([]);
    const [running] = of("running", examined);
    expect(running).toMatchObject({ status: "skipped", text: expect.stringContaining("no reader of metrics") });
  });

  test("that is free is well, and is free after that", async () => {
    const file = given(0, "0.0.0.0");
    const [listener] = of("listener", await doctor(["--config", file]));
    expect(listener).toMatchObject({ status: "ok", text: "receivers::otlp::grpc: 0.0.0.0:0 is free" });
  });
});

describe("what the podstamp that runs counts", () => {
  const receivers = new Map([
    ["otlp", { type: { type: "otlp" } }],
    ["nop", { type: { type: "nop" } }],
  ]);
  const counts = (...lines: readonly string[]) =>
    countsOf(["podstamp_waits 0", ...lines].join("\n"), { receivers }).map((finding) => [finding.status, finding.text]);

  test("says when nothing came", () => {
    expect(counts()).toContainEqual(["warning", "receivers::otlp has received nothing"]);
  });

  test("is told from what others count, also where nothing of podstamp's own is in use", () => {
    const told = (...lines: readonly string[]) => countsOf(lines.join("\n"), { receivers }).map(({ text }) => text);
    const uptime = "otelcol_process_uptime 7";
    expect(told('target_info{service_name="podstamp",service_version="1.2.3"} 1', uptime)).toContain(
      "It has run for 7 s",
    );
    expect(told('target_info{service_name="otelcol"} 1', uptime)).toEqual(["What answers there is no podstamp"]);
    expect(told('target_info{service_name="mine"} 1', "podstamp_waits 0", uptime)).toContain("It has run for 7 s");
  });

  test("becomes advice for each reason", () => {
    const found = countsOf(
      'podstamp_stamped_items{processor="cri_attributes"} 90\npodstamp_unstamped_items{processor="cri_attributes",reason="no_identity"} 10\npodstamp_unstamped_items{processor="cri_attributes",reason="filtered"} 3',
      { receivers },
    );
    expect(found.map(({ text }) => text)).toContain("90 of 103 items were stamped");
    const none = found.find(({ text }) => text.endsWith("no_identity"));
    expect(none).toMatchObject({ status: "warning", text: "10 of 103 items left without k8s.*: no_identity" });
    expect(todoOf(none)).toContain("k8s.pod.uid and k8s.container.name");
    expect(found.find(({ text }) => text.includes("filtered"))?.status).toBe("ok");
  });

  test("tells what left with less than there could be, and what to do about it", () => {
    const found = countsOf(
      'podstamp_stamped_items{processor="cri_attributes"} 90\npodstamp_partly_stamped_items{processor="cri_attributes",reason="sandbox"} 40\npodstamp_partly_stamped_items{processor="cri_attributes",reason="conflict"} 0',
      { receivers },
    );
    const sandbox = found.find(({ text }) => text.endsWith("sandbox"));
    expect(sandbox).toMatchObject({
      status: "warning",
      text: "40 of 90 stamped items left with less than there could be: sandbox",
    });
    expect(todoOf(sandbox)).toContain("k8s.container.name");
    expect(found.filter(({ text }) => text.endsWith("conflict"))).toEqual([]);
  });

  test("is told for each of several processors, which count what passes both", () => {
    const found = counts(
      'podstamp_stamped_items{processor="cri_attributes"} 5',
      'podstamp_unstamped_items{processor="cri_attributes",reason="no_identity"} 1',
      'podstamp_stamped_items{processor="k8s_attributes"} 0',
      'podstamp_unstamped_items{processor="k8s_attributes",reason="not_found"} 6',
    );
    expect(found).toContainEqual(["ok", "5 of 6 items were stamped by processors::cri_attributes"]);
    expect(found).toContainEqual([
      "problem",
      "6 of 6 items left without k8s.* by processors::k8s_attributes: not_found",
    ]);
  });

  test("is a problem when nothing at all was stamped, and when a runtime is down", () => {
    const found = counts(
      'podstamp_stamped_items{processor="cri_attributes"} 0',
      'podstamp_unstamped_items{processor="cri_attributes",reason="runtime_down"} 5',
      'podstamp_runtime_up{runtime="unix:///run/c.sock"} 0',
    );
    expect(found).toContainEqual(["problem", "5 of 5 items left without k8s.*: runtime_down"]);
    expect(found).toContainEqual(["problem", "The runtime unix:///run/c.sock does not answer the podstamp that runs"]);
  });

  test("of another program is none", () => {
    expect(countsOf("go_goroutines 8", { receivers }).map(({ status }) => status)).toEqual(["warning"]);
  });
});

describe("what is printed", () => {
  const findings = [
    { status: "ok", check: "socket", text: "/run/containerd/containerd.sock is there, and user 0 may connect" },
    { status: "problem", check: "exporter", text: "x".repeat(100), todo: `see \u001b[2J${"words ".repeat(20)}` },
  ] as const;

  test("fits 80 columns, and nothing in it steers the terminal", () => {
    const text = asText(findings, { columns: 80, color: false });
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(text).not.toMatch(steering);
    expect(text).toMatch(/^ok {7}socket: .*\n(?:.*\n)*problem {2}exporter: x+\n(?:.*\n)*\n1 problem, 0 warnings\n$/);
    expect(text).toMatch(/\n {9}do: see /);
  });

  test("has colours where they are wanted", () => {
    expect(asText(findings, { columns: 80, color: true })).toContain("\u001b[31mproblem");
  });

  test("is the same in YAML as in JSON", async () => {
    const args = ["--runtime-endpoint", "/nowhere.sock"];
    const [yaml, json] = [await doctor([...args, "-o", "yaml"]), await doctor(args)];
    const withoutClock = (found: readonly { check: string }[]) => found.filter(({ check }) => check !== "clock");
    const { ok, findings: told } = parse(yaml.out) as { ok: boolean; findings: { check: string }[] };
    expect(ok).toBe(false);
    expect(withoutClock(told)).toEqual(withoutClock(json.findings));
  });
});
