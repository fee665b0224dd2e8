import net from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ClientSession } from "../../../../src/net/http2/client/session.ts";
import { Connector } from "../../../../src/net/http2/client/connector.ts";
import { Exchange } from "../../../../src/net/http2/client/exchange.ts";
import { requestHeaders } from "../../../../src/net/http2/client/request-headers.ts";
import { ok } from "../../../../src/net/status.ts";
import { Flag, Type } from "../../../support/http2/frames.ts";
import { clientOptions, request } from "../../../support/grpc/peer.ts";
import { rawServer, responseFrames } from "../../../support/http2/raw.ts";

test("a connection of a client whose stream numbers are used up takes no more calls, and ends with the last one", async () => {
  const server = await rawServer((peer) => {
    void peer
      .until(Type.DATA, ({ flags }) => (flags & Flag.END_STREAM) !== 0)
      .then(({ stream }) => peer.write(responseFrames(stream)));
  });
  onTestFinished(() => server.close());
  const socket = net.connect(Number(server.address.split(":")[1]), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const options = clientOptions(server.address);
  const ready = Promise.withResolvers<void>();
  let isRetired = false;
  const session = new ClientSession(socket, {
    headers: requestHeaders(options),
    firstStream: 2 ** 31 - 1,
    events: { onReady: () => ready.resolve(), onFree: () => {}, onRetired: () => (isRetired = true) },
  });
  session.link.greet();
  socket.on("data", (chunk: Buffer) => session.link.push(chunk, 0, chunk.length));
  await ready.promise;
  expect(session.hasRoom).toBe(true);
  const payload = { bytes: Buffer.from("the last message"), isCompressed: false };
  const connector = new Connector(options);
  const exchange = new Exchange(request(payload.bytes), { payload, connector, maxResponseBytes: 1000 });
  exchange.run(session);
  expect({ hasRoom: session.hasRoom, isRetired }).toEqual({ hasRoom: false, isRetired: true });
  expect((await exchange.reply).status).toEqual(ok);
  const [peer] = server.peers;
  expect(peer?.frames.find(({ type }) => type === Type.HEADERS)?.stream).toBe(2 ** 31 - 1);
  await peer?.closed();
});
