import { createServer, request } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { handleUnaryCall } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { shapes, signals } from "../../src/otlp/signals.ts";
import type { Batch } from "../../src/pipeline/contract.ts";
import { grpcClient } from "../support/grpc/peer.ts";
import type { Protocol } from "./minimal.ts";
import { whole } from "../../src/otlp/rope/rope.ts";

/** What a backend says to a request. */
export type Word = "accepted" | "retry" | "rejected";

/** A backend that answers when it is told. */
export type Backend = {
  readonly endpoint: string;
  /** How many requests wait for their answer. */
  waiting(): number;
  /** Answers all that wait, and from now on all that come; undefined lets them wait. */
  answers(word: Word | undefined): void;
};

const grpcCodes = { accepted: status.OK, retry: status.UNAVAILABLE, rejected: status.INVALID_ARGUMENT } as const;
const httpCodes = { accepted: 200, retry: 503, rejected: 400 } as const;

/** A backend of a protocol, for one test. */
export async function lendBackend(protocol: Protocol): Promise<Backend> {
  const waiting = new Set<(word: Word) => void>();
  let now: Word | undefined;
  const arrive = (answer: (word: Word) => void): void => {
    if (now !== undefined) answer(now);
    else waiting.add(answer);
  };
  const endpoint = protocol === "grpc" ? await listenGrpc(arrive) : await listenHttp(arrive);
  return {
    endpoint,
    waiting: () => waiting.size,
    answers(word) {
      now = word;
      if (word === undefined) return;
      for (const answer of waiting) answer(word);
      waiting.clear();
    },
  };
}

type Arrive = (answer: (word: Word) => void) => void;
const asIs = (bytes: Buffer): Buffer => bytes;

async function listenGrpc(arrive: Arrive): Promise<string> {
  const server = new Server();
  const Export: handleUnaryCall<Buffer, Buffer> = (_, done) =>
    arrive((word) =>
      word === "accepted" ? done(null, Buffer.alloc(0)) : done({ code: grpcCodes[word], details: `told ${word}` }),
    );
  for (const signal of signals) {
    const shape = { requestStream: false, responseStream: false, requestSerialize: asIs, requestDeserialize: asIs };
    const method = { ...shape, path: shapes[signal].grpcPath, responseSerialize: asIs, responseDeserialize: asIs };
    server.addService({ Export: method }, { Export });
  }
  onTestFinished(() => server.forceShutdown());
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return `127.0.0.1:${port}`;
}

async function listenHttp(arrive: Arrive): Promise<string> {
  const answer = (response: ServerResponse) => (word: Word) => {
    response.writeHead(httpCodes[word], { "content-type": "application/x-protobuf" });
    response.end();
  };
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on("end", () => arrive(answer(response)));
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a client is told: by the class of the code, whatever the protocol. */
export async function sendTo(
  protocol: Protocol,
  endpoint: string,
  batch: Batch,
  hangUp?: AbortSignal,
): Promise<Word | "other"> {
  if (protocol === "grpc") {
    const client = grpcClient(endpoint);
    onTestFinished(() => client.close());
    const path = shapes[batch.signal].grpcPath;
    const { code } = await client.call(whole(batch.bytes), {
      path,
      ...(hangUp === undefined ? {} : { cancelled: hangUp }),
    });
    return code === status.OK
      ? "accepted"
      : code === status.UNAVAILABLE
        ? "retry"
        : code === status.INTERNAL
          ? "rejected"
          : "other";
  }
  const code = await post(endpoint, batch, hangUp);
  return code === 200 ? "accepted" : code === 503 ? "retry" : code === 500 ? "rejected" : "other";
}

function post(
  endpoint: string,
  { signal, bytes }: Batch,
  hangUp: AbortSignal | undefined,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { "content-type": "application/x-protobuf" };
    const url = `http://${endpoint}${shapes[signal].httpPath}`;
    const call = request(url, { method: "POST", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("error", () => resolve(undefined));
    hangUp?.addEventListener("abort", () => call.destroy(), { once: true });
    call.end(bytes);
  });
}
