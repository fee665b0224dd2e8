import { once } from "node:events";
import net from "node:net";
import type { Socket } from "node:net";
import tls from "node:tls";
import { queryObjects } from "node:v8";
import { expect, onTestFinished, test } from "vitest";
import { Exchange } from "../../../src/net/http2/client/exchange.ts";
import { ClientSession } from "../../../src/net/http2/client/session.ts";
import { Outbox } from "../../../src/net/http2/frames/outbox.ts";
import { Link } from "../../../src/net/http2/link.ts";
import { ServerConnection } from "../../../src/net/http2/server/connection.ts";
import { ServerStream } from "../../../src/net/http2/server/stream.ts";
import { ok } from "../../../src/net/status.ts";
import { eventually } from "../../support/eventually.ts";
import { connecting } from "../../support/grpc/calling.ts";
import { request } from "../../support/grpc/peer.ts";
import { serving } from "../../support/grpc/serving.ts";
import { data, Flag, headers, preface, settings, uint32, windowUpdate } from "../../support/http2/frames.ts";
import { rawServer, requestBlock, requestFrames } from "../../support/http2/raw.ts";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";

/* What lives is counted: memory that V8 has not collected yet says nothing. */

const classes = { ServerConnection, ServerStream, ClientSession, Exchange, Link, Outbox, TLSSocket: tls.TLSSocket };

/** How many objects of each class live; V8 collects first. */
function living(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(classes).map(([name, constructor]) => [name, queryObjects(constructor, { format: "count" })]),
  );
}

/** Waits until no more lives than before. */
async function nothingIsLeft(before: Readonly<Record<string, number>>): Promise<void> {
  const surplus = (): unknown => Object.entries(living()).filter(([name, count]) => count > (before[name] ?? 0));
  const what = "the end of what was made for connections";
  await eventually(() => expect(surplus()).toEqual([]) ?? true, { what, everyMs: 100 });
}

const hello = Buffer.concat([preface, settings()]);
const open = Buffer.concat([hello, headers(1, requestBlock())]);
const foreign = requestBlock({ without: ["content-type"] });
const states: readonly (readonly [string, Buffer])[] = [
  ["before its first byte", Buffer.alloc(0)],
  ["in the preface", preface.subarray(0, 10)],
  ["in the settings", hello.subarray(0, 28)],
  ["between two calls", hello],
  ["in a header block", Buffer.concat([hello, headers(1, requestBlock().subarray(0, 20), Flag.NONE)])],
  ["before the message", open],
  [
    "in the message",
    Buffer.concat([open, data(1, Buffer.concat([Buffer.from([0]), uint32(3e6), Buffer.alloc(16e3)]))]),
  ],
  ["while it is handled", Buffer.concat([hello, requestFrames(1)])],
  ["in an answer that it does not let through", Buffer.concat([preface, settings([4, 0]), headers(1, foreign, 5)])],
  ["after our goodbye", Buffer.concat([hello, windowUpdate(0, 0)])],
];

const cuts: readonly ((socket: Socket) => void)[] = [
  // TLS has no reset of its own; what the server has written and nobody has read makes one of it.
  (socket) => void (socket instanceof tls.TLSSocket ? socket.destroy() : socket.resetAndDestroy()),
  (socket) => void socket.destroy(),
  (socket) => void socket.resume().end(),
];

const kinds = hasOpenssl ? ["without", "with"] : ["without"];

test.each(kinds)(
  "a server %s TLS keeps nothing of connections that are cut, wherever they are",
  async (kind) => {
    const isSecure = kind === "with";
    const certificates = isSecure ? makeCertificates() : undefined;
    onTestFinished(() => certificates?.remove());
    const { address, calls } = await serving("native")(
      // A call that is handled until its caller hangs up.
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve({ status: ok }), { once: true })),
      {
        tls: certificates && {
          cert: certificates.cert,
          key: certificates.key,
          requestCert: false,
          rejectUnauthorized: false,
        },
      },
    );
    const port = Number(address.split(":").at(-1));
    const before = living();
    for (const [, bytes] of states) {
      await Promise.all(
        Array.from({ length: 9 }, async (_, index) => {
          const socket: Socket = isSecure
            ? tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] })
            : net.connect(port, "127.0.0.1");
          // A server that was told nonsense may be the first to end it.
          socket.on("error", () => {});
          const closed = once(socket, "close");
          await once(socket, isSecure ? "secureConnect" : "connect");
          if (bytes.length > 0) socket.write(bytes);
          await new Promise((resolve) => setTimeout(resolve, 20));
          cuts[index % cuts.length]?.(socket);
          await closed;
        }),
      );
    }
    expect(calls).toHaveLength(9);
    calls.splice(0);
    await nothingIsLeft(before);
  },
  60_000,
);

test("a client keeps nothing of connections that its server cuts", async () => {
  let seen = 0;
  const server = await rawServer((peer, index) => {
    void peer.until(1).then(() => {
      seen++;
      server.peers.splice(0);
      cuts[index % cuts.length]?.(peer.socket);
    });
  });
  const client = connecting("native")(server.address);
  const before = living();
  for (let i = 0; i < 12; i++) await client.call(request(Buffer.from("a message")));
  expect(seen).toBe(12);
  await nothingIsLeft(before);
  server.close();
});
