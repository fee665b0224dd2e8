import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runPodstamp, startPodstamp } from "../../support/agent/podstamp.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";
import { freePort } from "../../support/net/ports.ts";

async function createBackend() {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    request.resume().on("end", () => response.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { seen, port: typeof address === "object" ? address?.port : undefined };
}

const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174", name: "a" };
const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });

test("a token from a file is in the requests, that of a renewed file after a reload, and never in the log", async () => {
  const folder = createWorkspace();
  onTestFinished(() => wipe(folder));
  const { seen, port } = await createBackend();
  const token = join(folder, "token");
  // As the kubelet renews a secret: another file takes the place.
  const renew = (text: string): void => {
    writeFileSync(`${token}.new`, text);
    renameSync(`${token}.new`, token);
  };
  renew("first-one\n");
  const receiver = `127.0.0.1:${await freePort()}`;
  const config = JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: receiver } } } },
    exporters: {
      otlp_http: {
        endpoint: `http://127.0.0.1:${port}`,
        headers: { authorization: `Bearer \${file:${token}}` },
        sending_queue: { enabled: false },
      },
    },
    service: {
      telemetry: { metrics: { readers: [] }, logs: { level: "debug" } },
      pipelines: { traces: { receivers: ["otlp"], exporters: ["otlp_http"] } },
    },
  });
  const env = { XDG_RUNTIME_DIR: folder };
  const running = await startPodstamp({ config, env });
  const send = async () => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`http://${receiver}/v1/traces`, { method: "POST", headers, body })).status;
  };
  expect(await send()).toBe(200);
  renew("second-one\r\n");
  expect(await send()).toBe(200);
  expect(await runPodstamp(["reload"], env)).toMatchObject({ code: 0 });
  expect(await send()).toBe(200);
  expect(seen).toEqual(["Bearer first-one", "Bearer first-one", "Bearer second-one"]);
  renew("third\none\n");
  const { code, output } = await runPodstamp(["reload"], env);
  expect(code).toBe(1);
  expect(output).toContain("headers::authorization: must be a header value without control characters, is [REDACTED]");
  await running.stop();
  expect(running.log()).toContain("The new configuration runs");
  expect(`${output}${running.log()}`).not.toMatch(/-one|third/);
});
