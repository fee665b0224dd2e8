import { getActiveResourcesInfo } from "node:process";
import { expect, onTestFinished } from "vitest";
import type { Refusal, ServerOptions, UnaryCall, UnaryReply } from "../../../src/net/transport.ts";
import { eventually } from "../eventually.ts";
import { bare, framed, message, send } from "../grpc/serving.ts";
import type { Serve } from "../grpc/serving.ts";
import { rawClient } from "./raw.ts";
import type { RawOptions, RawPeer } from "./raw.ts";

/** A server that somebody attacks while somebody else is served. */
export type Siege = {
  readonly address: string;
  readonly calls: readonly UnaryCall[];
  readonly refusals: readonly Refusal[];
  readonly attacker: RawPeer;
  /** A call of the other one, on the connection that it had before. */
  bystanderCalls(bytes?: Buffer): Promise<void>;
  /** Sockets of this process, both ends of each connection among them. */
  sockets(): number;
  /** Waits until nothing is left of the attacker: no socket and no timer. */
  nothingIsLeft(): Promise<void>;
};

export type SiegeOptions = {
  readonly answer?: (call: UnaryCall) => Promise<UnaryReply>;
  readonly changes?: Partial<ServerOptions>;
  readonly raw?: RawOptions;
};

/** Starts the server, connects both, and counts what is there before the attack. */
export async function besiege(serve: Serve, { answer, changes, raw }: SiegeOptions = {}): Promise<Siege> {
  const { address, calls, refusals } = await serve(answer, changes);
  const bystander = bare(address);
  const bystanderCalls = async (bytes = message): Promise<void> => {
    expect((await send(bystander, [framed(bytes)])).trailers["grpc-status"]).toBe("0");
  };
  await bystanderCalls();
  calls.splice(0);
  const before = inUse("TCPSocketWrap", "Timeout");
  const attacker = await rawClient(address, raw);
  onTestFinished(() => attacker.destroy());
  return {
    address,
    calls,
    refusals,
    attacker,
    bystanderCalls,
    sockets: () => inUse("TCPSocketWrap"),
    async nothingIsLeft() {
      attacker.destroy();
      await eventually(() => inUse("TCPSocketWrap", "Timeout") <= before, { what: "the end of sockets and timers" });
    },
  };
}

/** What keeps this process running. */
function inUse(...kinds: readonly string[]): number {
  return getActiveResourcesInfo().filter((kind) => kinds.includes(kind)).length;
}
