import { freePort } from "../net/ports.ts";
import { grpcServer } from "../grpc/peer.ts";
import type { PeerReply, PeerServer } from "../grpc/peer.ts";
import type { Ledger } from "./ledger.ts";

/** What a backend does with a request: undefined takes it. */
export type Mood = (message: Buffer) => PeerReply | undefined | Promise<PeerReply | undefined>;

/** A backend at an address of its own that can be down, moody, and up again. */
export type Backend = {
  readonly address: string;
  readonly port: number;
  up(server?: Readonly<Record<string, number>>): Promise<void>;
  down(): void;
  /** How it treats requests from now on. */
  be(mood: Mood | undefined): void;
};

/** Makes a backend that is down; what it takes is written in the ledger. */
export async function createBackend(ledger: Ledger): Promise<Backend> {
  const port = await freePort();
  // An address where nobody else happens to listen while it is down.
  const address = `127.0.0.3:${port}`;
  let mood: Mood | undefined;
  let server: PeerServer | undefined;
  return {
    address,
    port,
    async up(options = {}) {
      server = await grpcServer(
        async (message) => {
          const reply = await mood?.(message);
          if (reply === undefined || (reply.code ?? 0) === 0) ledger.arrive(message);
          return reply ?? {};
        },
        { address, server: options, keep: false },
      );
    },
    down() {
      server?.stop();
      server = undefined;
    },
    be(wanted) {
      mood = wanted;
    },
  };
}
