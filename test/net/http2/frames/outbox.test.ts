import { once } from "node:events";
import net from "node:net";
import { expect, test } from "vitest";
import { Outbox } from "../../../../src/net/http2/frames/outbox.ts";

const bufferBytes = 128 * 1024;

test("the memory of what could not be sent is used again", async () => {
  const server = net.createServer((socket) => socket.pause().on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  const outbox = new Outbox(socket, () => {});
  const used = new Set<Buffer>();
  // One buffer is the system's, which cannot send it, and others wait behind it.
  for (let turn = 0; turn < 200 && socket.writableLength < 3 * bufferBytes; turn++) {
    used.add(outbox.room(bufferBytes));
    outbox.at = bufferBytes;
    outbox.flush();
    await new Promise(setImmediate);
  }
  expect(socket.writableLength).toBeGreaterThanOrEqual(3 * bufferBytes);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.destroy(new Error("cut"));
  await closed;
  const given = Array.from({ length: used.size }, () => new Outbox(socket, () => {}).room(1));
  expect(given.filter((buffer) => !used.has(buffer))).toEqual([]);
  server.close();
});
