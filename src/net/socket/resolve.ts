import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";

/** Finds all addresses of a name, in the order in which they are to be tried; rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Asks the system, as everything else on this machine does: /etc/hosts, then DNS with the search domains of a pod. */
export const resolveWithSystem: Resolve = async (host) => {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
};

/** A resolver in the shape that sockets take. The addresses begin with the one at `from`, counted round and round. */
export function lookupBy(resolve: Resolve, from: () => number = () => 0): LookupFunction {
  return (host, { all }, done) => {
    resolve(host).then(
      (addresses) => {
        const first = from() % addresses.length;
        const found = [...addresses.slice(first), ...addresses.slice(0, first)].map((address) => ({
          address,
          family: isIP(address),
        }));
        if (all === true) return done(null, found);
        const [one] = found;
        if (one === undefined) done(new Error(`${host} has no address`), "");
        else done(null, one.address, one.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ""),
    );
  };
}
