import http from "node:http";
import { onTestFinished } from "vitest";
import type { Signal } from "../../src/otlp/signals.ts";
import { accepted } from "../../src/pipeline/contract.ts";
import type { Batch, Consumer, Delivery } from "../../src/pipeline/contract.ts";
import { otlpReceiver } from "../../src/receivers/otlp/otlp.ts";
import { testHost } from "../support/agent/host.ts";
import type { TestHost } from "../support/agent/host.ts";
import type { CancelSignal } from "../../src/otlp/cancel.ts";

export type Receiving = {
  readonly host: TestHost;
  readonly batches: Batch[];
  readonly grpc: string;
  readonly http: string;
  stop(signal: AbortSignal): Promise<void>;
};

/** An OTLP receiver on free ports whose pipeline answers as told. */
export async function receive(
  answer: (batch: Batch, signal: CancelSignal) => Delivery | Promise<Delivery> = () => accepted,
  settings: { grpc?: object; http?: object; signals?: readonly Signal[] } = {},
): Promise<Receiving> {
  const host = testHost("otlp");
  const batches: Batch[] = [];
  const consumer: Consumer = {
    consume: async (batch, signal) => {
      batches.push(batch);
      return answer(batch, signal);
    },
    whenIdle: () => undefined,
  };
  const config = otlpReceiver.schema.parse({
    protocols: {
      grpc: { endpoint: "127.0.0.1:0", ...settings.grpc },
      http: { endpoint: "127.0.0.1:0", ...settings.http },
    },
  });
  const outlets = Object.fromEntries((settings.signals ?? ["traces", "logs"]).map((signal) => [signal, consumer]));
  const receiver = otlpReceiver.create(config, host, outlets);
  await receiver.start();
  const [grpc = "", over = ""] = host.logged.flatMap(({ fields }) =>
    typeof fields["endpoint"] === "string" ? [fields["endpoint"]] : [],
  );
  return { host, batches, grpc, http: over, stop: (signal) => receiver.stop(signal) };
}

/** The same, closed with the test. */
export async function lendReceiver(...options: Parameters<typeof receive>): Promise<Receiving> {
  const receiving = await receive(...options);
  onTestFinished(() => receiving.stop(AbortSignal.abort()));
  return receiving;
}

export type Answer = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer };
export type Post = {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly agent?: http.Agent;
};

/** Posts a body to "host:port" or to the path of a unix socket; by default protobuf to /v1/traces. */
export function post(
  address: string,
  body: Uint8Array,
  { path = "/v1/traces", method = "POST", headers = {}, agent }: Post = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const [host, port] = address.split(":");
    const options = {
      ...(address.startsWith("/") ? { socketPath: address } : { host, port: Number(port) }),
      path,
      method,
      headers: { "content-type": "application/x-protobuf", ...headers },
      ...(agent === undefined ? {} : { agent }),
    };
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

export const portOf = (address: string): number => Number(address.split(":")[1]);
