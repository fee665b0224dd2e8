import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLocalClient } from "../../../../src/net/http2/client/local-client.ts";
import { Code } from "../../../../src/net/status.ts";
import { request } from "../../../support/grpc/peer.ts";
import { FrameCutter, preface, settings, Type } from "../../../support/http2/frames.ts";
import { responseFrames } from "../../../support/http2/raw.ts";

/** The path of a socket behind which each connection is handled so; without a handler nobody listens there. */
async function given(onConnection?: (socket: net.Socket) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-local-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "runtime.sock");
  if (onConnection === undefined) return path;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return path;
}

function givenClient(path: string) {
  const client = createLocalClient({ path, userAgent: "test", maxResponseBytes: 1000 });
  onTestFinished(() => client.close());
  return client;
}

test("calls are sent before the server has said anything, and answered over the one connection", async () => {
  let connections = 0;
  const path = await given((socket) => {
    connections++;
    const cutter = new FrameCutter();
    const streams: number[] = [];
    let isGreeted = false;
    socket.on("data", (chunk: Buffer) => {
      for (const { type, stream } of cutter.push(isGreeted ? chunk : chunk.subarray(preface.length)))
        if (type === Type.HEADERS) streams.push(stream);
      isGreeted = true;
      // Not a word before all three are there.
      if (streams.length === 3)
        socket.write(Buffer.concat([settings(), ...streams.map((one) => responseFrames(one, `answer ${one}`))]));
    });
  });
  const client = givenClient(path);
  const replies = await Promise.all([1, 2, 3].map((n) => client.call(request(Buffer.from(`question ${n}`)))));
  expect(replies.map(({ body }) => body?.toString())).toEqual(["answer 1", "answer 3", "answer 5"]);
  expect(connections).toBe(1);
});

test("where nobody listens, and where no HTTP/2 is spoken, every call says so and what the system told", async () => {
  const calls = async (path: string) => {
    const client = givenClient(path);
    const replies = await Promise.all([1, 2].map(() => client.call(request(Buffer.from("question")))));
    return replies.map(({ status }) => status);
  };
  const absent = await given();
  expect(await calls(absent)).toEqual(
    [1, 2].map(() => ({
      code: Code.UNAVAILABLE,
      message: `Cannot reach unix://${absent}: connect ENOENT ${absent}`,
    })),
  );
  const foreign = await given((socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
  expect(await calls(foreign)).toEqual(
    [1, 2].map(() => ({
      code: Code.UNAVAILABLE,
      message: expect.stringMatching(/^Cannot reach unix:.*: the server broke HTTP\/2/),
    })),
  );
});
