import type { TransportName } from "../../../src/net/transport.ts";

/** The transports that stand behind one contract: each is held to the same tests. */
export const transports: readonly TransportName[] = ["node", "native"];
