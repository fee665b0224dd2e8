import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { healthCheckExtension } from "../../src/extensions/health-check.ts";
import type { ServiceStatus } from "../../src/pipeline/contract.ts";
import { testHost } from "../support/agent/host.ts";
import { hasOpenssl } from "../support/net/certificates.ts";
import { fingerprintOf, lendCertificates, renewedFiles } from "../support/net/renewing.ts";

type Given = { readonly url: string; become(status: ServiceStatus): void; stop(): Promise<void> };

async function given(settings: object = {}): Promise<Given> {
  let status: ServiceStatus = { phase: "starting" };
  const host = { ...testHost("health_check"), status: () => status };
  const config = healthCheckExtension.schema.parse({ endpoint: "127.0.0.1:0", ...settings });
  const extension = healthCheckExtension.create(config, host);
  await extension.start();
  const stop = () => extension.stop(new AbortController().signal);
  onTestFinished(stop);
  const endpoint = String(host.logged[0]?.fields["endpoint"]);
  return { url: `http://${endpoint}`, become: (now) => (status = now), stop };
}

const running = (waitingFor: readonly string[] = []): ServiceStatus => ({
  phase: "running",
  since: Date.now() - 65_000,
  waitingFor,
});

test.skipIf(!hasOpenssl)("shows a renewed certificate to whoever asks then (skipped without openssl)", async () => {
  const [first, second] = [lendCertificates(), lendCertificates()];
  const { cert_file, key_file, renew } = renewedFiles(first);
  const { url } = await given({ tls: { cert_file, key_file, reload_interval: "1ms" } });
  const port = Number(new URL(url).port);
  for (const current of [first, second]) {
    renew(current);
    await sleep(5);
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    expect(socket.getPeerCertificate().fingerprint256).toBe(fingerprintOf(current));
    socket.destroy();
  }
});

describe("readiness", () => {
  test("is refused in the Collector's words until everything runs", async () => {
    const { url } = await given();
    const answer = await fetch(`${url}/`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.text()).toBe(
      '{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":"","phase":"starting"}',
    );
  });

  test("is given in the Collector's words, with the time since which everything runs", async () => {
    const { url, become } = await given();
    become(running());
    const answer = await fetch(`${url}/`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: "Server available",
      upSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      uptime: expect.stringMatching(/^1m\d+(?:\.\d+)?s$/),
    });
  });

  test("waits for what is not ready yet, and names it", async () => {
    const { url, become } = await given();
    become(running(['directory "auto"']));
    const answer = await fetch(`${url}/`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: "Server not available", waitingFor: ['directory "auto"'] });
  });

  test("ends with the beginning of the shutdown", async () => {
    const { url, become } = await given();
    become({ phase: "stopping" });
    expect((await fetch(`${url}/`)).status).toBe(503);
  });

  test("with the path / every path is answered, as the Collector does", async () => {
    const { url, become } = await given();
    become(running());
    expect((await fetch(`${url}/healthz?verbose`)).status).toBe(200);
  });

  test("with a path of its own others are not found", async () => {
    const { url, become } = await given({ path: "/health/status" });
    become(running());
    expect((await fetch(`${url}/health/status`)).status).toBe(200);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  test("is told with bodies of the user's", async () => {
    const { url, become } = await given({ response_body: { healthy: "I'm OK", unhealthy: "not yet" } });
    const unhealthy = await fetch(url);
    expect([unhealthy.status, await unhealthy.text()]).toEqual([503, "not yet"]);
    become(running());
    const healthy = await fetch(url);
    expect([healthy.status, await healthy.text()]).toEqual([200, "I'm OK"]);
  });
});

describe("liveness", () => {
  test.each<ServiceStatus>([{ phase: "starting" }, running(["directory"]), running(), { phase: "stopping" }])(
    "is given while the status is %j",
    async (status) => {
      const { url, become } = await given();
      become(status);
      expect((await fetch(`${url}/livez`)).status).toBe(200);
    },
  );

  test("has its own path", async () => {
    const { url } = await given({ liveness_path: "/alive" });
    expect((await fetch(`${url}/alive`)).status).toBe(200);
    expect((await fetch(`${url}/livez`)).status).toBe(503);
  });
});

describe("the place where it is answered", () => {
  test("is a unix socket when that is wanted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "podstamp-health-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const socketPath = join(folder, "health.sock");
    await given({ endpoint: `unix://${socketPath}` });
    const status = await new Promise((resolve) =>
      request({ socketPath, path: "/livez" }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end(),
    );
    expect(status).toBe(200);
  });

  test("is told when it is taken", async () => {
    const { url } = await given();
    const { host } = new URL(url);
    await expect(given({ endpoint: host })).rejects.toThrow(`Cannot listen on ${host}: the address is already in use`);
  });

  test("is given up at once, whoever holds a connection open", async () => {
    const { url, stop } = await given();
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    await new Promise((resolve) =>
      socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", () => socket.once("data", resolve)),
    );
    await stop();
    await closed;
    await expect(fetch(url)).rejects.toThrow();
  });
});
