import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runPodstamp, startPodstamp } from "../../support/agent/podstamp.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import { freePort } from "../../support/net/ports.ts";

test.skipIf(!hasOpenssl)(
  "a reload that finds a certificate gone or spoiled changes nothing, whoever it is of, and the next one finds it mended",
  async () => {
    const folder = createWorkspace();
    const { caFile, cert, key, remove } = makeCertificates();
    onTestFinished(async () => {
      remove();
      await wipe(folder);
    });
    const files = {
      grpc: join(folder, "grpc.pem"),
      http: join(folder, "http.pem"),
      health: join(folder, "health.pem"),
    };
    const keyFile = join(folder, "key.pem");
    writeFileSync(keyFile, key);
    const whole = { grpc: readFileSync(caFile), http: readFileSync(caFile), health: cert };
    for (const name of ["grpc", "http", "health"] as const) writeFileSync(files[name], whole[name]);
    const config = JSON.stringify({
      extensions: {
        health_check: {
          endpoint: `127.0.0.1:${await freePort()}`,
          tls: { cert_file: files.health, key_file: keyFile },
        },
      },
      receivers: { nop: {} },
      exporters: {
        otlp_grpc: { endpoint: "127.0.0.1:1", tls: { ca_file: files.grpc } },
        otlp_http: { endpoint: "https://127.0.0.1:1", tls: { ca_file: files.http } },
      },
      service: {
        extensions: ["health_check"],
        telemetry: { metrics: { readers: [] } },
        pipelines: { traces: { receivers: ["nop"], exporters: ["otlp_grpc", "otlp_http"] } },
      },
    });
    const env = { XDG_RUNTIME_DIR: folder };
    const running = await startPodstamp({ config, env });
    const blocks = { grpc: "exporters::otlp_grpc", http: "exporters::otlp_http", health: "extensions::health_check" };
    for (const name of ["grpc", "http", "health"] as const)
      for (const spoil of [() => rmSync(files[name]), () => writeFileSync(files[name], "spoiled")]) {
        spoil();
        const { code, output } = await runPodstamp(["reload"], env);
        expect({ code, output }).toEqual({
          code: 1,
          output: expect.stringMatching(
            new RegExp(`Cannot start ${blocks[name]}: Cannot use tls.*the old one runs on`, "s"),
          ),
        });
        writeFileSync(files[name], whole[name]);
        expect(await runPodstamp(["reload"], env)).toMatchObject({ code: 0 });
      }
    await running.stop();
  },
);
