import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runInProcess } from "../support/agent/in-process.ts";
import { lendRuntime } from "../support/lend.ts";
import { freePort } from "../support/net/ports.ts";

async function given(runtime: string) {
  const port = await freePort();
  const running = await runInProcess(`receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}}}}
processors: {cri_attributes: {runtimes: [{type: cri, endpoint: "${runtime}", timeout: 10s}]}}
exporters: {nop: {}}
extensions: {health_check: {endpoint: "127.0.0.1:${port}"}}
service:
  extensions: [health_check]
  telemetry: {metrics: {readers: []}}
  pipelines: {traces: {receivers: [otlp], processors: [cri_attributes], exporters: [nop]}}
`);
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  };
  return { running, ask };
}

test("a runtime that does not answer keeps podstamp from being ready, not from running; once it is listed it is ready", async () => {
  const runtime = await lendRuntime();
  runtime.freeze();
  onTestFinished(() => runtime.thaw());
  const { ask } = await given(runtime.endpoint);
  expect(await ask("/")).toMatchObject({ status: 503, body: { status: "Server not available" } });
  expect(String((await ask("/")).body["waitingFor"])).toContain(runtime.endpoint);
  expect((await ask("/livez")).status).toBe(200);
  runtime.thaw();
  await eventually(async () => (await ask("/")).status === 200, { what: "readiness" });
});

test("a runtime that is not there is given up on: podstamp is ready and goes on looking for it", async () => {
  const { ask } = await given("unix:///nonexistent/runtime.sock");
  expect(await ask("/")).toMatchObject({ status: 200, body: { status: "Server available" } });
});
