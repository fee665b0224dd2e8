import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/** What a network does to connections. */
export type Weather = "fine" | "black hole" | "resetting";

/** A TCP proxy before a backend, whose weather can be changed. */
export type Proxy = {
  readonly address: string;
  be(weather: Weather): void;
  stop(): Promise<void>;
};

const host = "127.0.0.1";

/** Listens on any port and passes on to `target`, "host:port". */
export async function startProxy(target: string): Promise<Proxy> {
  const [targetHost = "", targetPort = ""] = target.split(":");
  const pairs = new Set<readonly [Socket, Socket]>();
  let weather: Weather = "fine";
  const server = createServer((near) => {
    const far = connect(Number(targetPort), targetHost);
    const pair = [near, far] as const;
    pairs.add(pair);
    // A connection that fell into the hole stays there, whatever the weather becomes.
    let isLost = false;
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => {
        if (weather === "black hole") isLost = true;
        if (weather === "resetting" && Math.random() < 0.2) near.resetAndDestroy();
        else if (!isLost) to.write(bytes);
      });
      from.on("error", end);
      from.on("close", end);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return {
    address: `${host}:${typeof address === "object" ? (address?.port ?? 0) : 0}`,
    be(wanted) {
      weather = wanted;
    },
    async stop() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
