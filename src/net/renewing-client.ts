import { Code } from "./status.ts";
import type { UnaryClient } from "./transport.ts";

/**
 * A client that leaves its connections behind when nothing but deadlines has come of its calls for `silentMs`: what lies
 * between may have forgotten them without a word (a NAT, a host that is gone), and then only a new connection finds out.
 * A keepalive finds it out sooner. `make` is told how many clients there have been, so that it need not try again what was silent.
 */
export function createRenewingClient(make: (renewals: number) => UnaryClient, silentMs: number): UnaryClient {
  let renewals = 0;
  let client = make(renewals);
  let answeredAt = performance.now();
  const closing = new Set<Promise<void>>();

  const renew = (silent: UnaryClient): void => {
    if (client !== silent) return;
    client = make(++renewals);
    answeredAt = performance.now();
    const closed = silent.close().finally(() => closing.delete(closed));
    closing.add(closed);
  };

  return {
    call(request) {
      const used = client;
      const begun = performance.now();
      return used.call(request).then((reply) => {
        if (reply.status.code !== Code.DEADLINE_EXCEEDED) answeredAt = performance.now();
        // A pause before this call is no silence.
        else if (performance.now() - Math.max(answeredAt, begun - silentMs) > silentMs) renew(used);
        return reply;
      });
    },
    isReady: () => client.isReady(),
    connect: () => client.connect(),
    hurry: () => client.hurry(),
    async close() {
      await client.close();
      await Promise.all(closing);
    },
  };
}
