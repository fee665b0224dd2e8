import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { otlpGrpcExporter } from "../../src/exporters/otlp-grpc.ts";
import { otlpHttpExporter } from "../../src/exporters/otlp-http/otlp-http.ts";
import type { Batch, Exporter, Host } from "../../src/pipeline/contract.ts";
import { testHost } from "../support/agent/host.ts";
import { hasOpenssl } from "../support/net/certificates.ts";
import { lendCertificates, renewedFiles } from "../support/net/renewing.ts";
import { freePort } from "../support/net/ports.ts";

const batch: Batch = { signal: "traces", bytes: Buffer.from("0a00", "hex"), items: 5 };

const exporters: readonly (readonly [string, (settings: object, host: Host) => Exporter])[] = [
  ["otlp_grpc", (settings, host) => otlpGrpcExporter.create(otlpGrpcExporter.schema.parse(settings), host)],
  ["otlp_http", (settings, host) => otlpHttpExporter.create(otlpHttpExporter.schema.parse(settings), host)],
];

describe.skipIf(!hasOpenssl)("a client certificate that is renewed (skipped without openssl)", () => {
  test.each(exporters)(
    "is looked for by %s when it connects, and what is wrong with it is in its log",
    async (id, create) => {
      const { cert_file, key_file, write } = renewedFiles(lendCertificates());
      const host = testHost(id);
      const settings = {
        endpoint: `https://127.0.0.1:${await freePort()}`,
        tls: { cert_file, key_file, reload_interval: "1ms" },
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      };
      const exporter = create(settings, host);
      await exporter.start();
      onTestFinished(() => exporter.stop(AbortSignal.abort()));
      write("key", "half a k");
      await sleep(5);
      await exporter.consume(batch, new AbortController().signal);
      expect(host.logged.filter(({ fields }) => fields["key_file"] === key_file)).toMatchObject([
        {
          level: "warn",
          fields: { cert_file, error: expect.stringContaining("must have certificates and keys in PEM") },
        },
      ]);
    },
  );
});
