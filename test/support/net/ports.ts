import { createServer } from "node:net";

/** Below the range from which the kernel takes ports for outgoing connections, so that none of those is in the way. */
const lowest = 20_000;
const count = 12_000;

/** Whoever asked for a port may not listen on it yet. */
const given = new Set<number>();

/** A TCP port on which nobody listens now, another one each time. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowest + Math.floor(Math.random() * count);
    if (given.has(port) || !(await canListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error("Cannot find a free port: a hundred tries between 20000 and 31999 were taken");
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    // On all addresses, as some do who ask.
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
