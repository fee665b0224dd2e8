import net from "node:net";
import type { AddressInfo } from "node:net";

/**
 * A wire that passes on what it gets in pieces of its own: both ways each chunk is cut into pieces of the sizes that are given, by turns.
 * A piece leaves when the one before it has been read, so that it arrives alone.
 */
export async function cuttingRelay(
  address: string,
  sizes: readonly number[],
): Promise<{ address: string; close(): void }> {
  const sockets = new Set<net.Socket>();
  const relay = net.createServer((near) => {
    const far = net.connect(Number(address.split(":").at(-1)), "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true).on("error", () => {});
    }
    pass(near, far, sizes);
    pass(far, near, sizes);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(relay.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  };
}

function pass(from: net.Socket, to: net.Socket, sizes: readonly number[]): void {
  let next = 0;
  let before: Promise<void> = Promise.resolve();
  from.on("data", (chunk: Buffer) => {
    from.pause();
    before = before.then(async () => {
      // Long chunks are not cut to the end: it is the beginnings of frames that matter.
      for (let at = 0, cuts = 0; at < chunk.length && !to.destroyed; cuts++) {
        const size = cuts < 200 ? (sizes[next++ % sizes.length] ?? 1) : chunk.length;
        to.write(chunk.subarray(at, at + size));
        at += size;
        if (cuts < 200) await new Promise(setImmediate);
      }
      from.resume();
    });
  });
  from.on("close", () => void before.then(() => to.destroy()));
}
