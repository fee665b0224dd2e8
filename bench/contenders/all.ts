import { collector } from "./collector.ts";
import type { Setup, Start } from "./contender.ts";
import { forwarders } from "./forwarders.ts";
import { podstamp } from "./podstamp.ts";

export const native = podstamp({ name: "podstamp", transport: "native", stamps: true });
export const onNode = podstamp({ name: "podstamp on node:http2", transport: "node", stamps: true });
export const passing = podstamp({ name: "podstamp, passing", transport: "native", stamps: false });

/** Everybody who is compared. */
export const everybody: readonly Start[] = [collector, native, onNode, ...Object.values(forwarders)];

/** A setup with nothing switched on. */
export const bare: Setup = { known: 110, ids: "resource", hasTls: false, hasQueue: false, compression: "none" };
