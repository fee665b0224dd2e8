import { BlockList, isIP } from "node:net";
import type { Schema } from "../../config/schema/schema.ts";
import { parsed } from "../../config/fields/parsed-field.ts";
import { addressIn } from "../../net/socket/peer.ts";

/** Who sent a request, by the address of its connection and what X-Forwarded-For says. */
export type SenderOf = (peer: string | undefined, forwardedFor: () => string | undefined) => string | undefined;

/** More addresses than this on the way are not looked at. */
const maxHops = 32;

/** The `trusted_proxies`: addresses and CIDR ranges whose X-Forwarded-For is believed. */
export function trustedProxies(): Schema<SenderOf> {
  return parsed<SenderOf>({
    default: [],
    facts: { form: "list of addresses and CIDR ranges" },
    read(raw, fail) {
      if (!Array.isArray(raw) || raw.length > 100)
        return fail("must be a list of at most 100 addresses and CIDR ranges");
      const trusted = new BlockList();
      for (const [index, item] of raw.entries())
        if (!add(trusted, item)) fail("must be an address or a range such as 10.0.0.0/8", { at: [index] });
      return raw.length === 0 ? (peer) => peer : (peer, forwardedFor) => senderOf(trusted, peer, forwardedFor());
    },
  });
}

function add(trusted: BlockList, item: unknown): boolean {
  const [address = "", prefix, more] = typeof item === "string" ? item.split("/") : [];
  const version = isIP(address);
  const bits = prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix);
  if (version === 0 || more !== undefined || prefix === "" || !Number.isInteger(bits)) return false;
  if (bits < 0 || bits > (version === 4 ? 32 : 128)) return false;
  trusted.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  return true;
}

/**
 * From the last hop back, the first that is not trusted: whoever stands before it can have written anything. Nobody where a
 * proxy says no address ("unknown"): what it passes on is not its own.
 */
function senderOf(trusted: BlockList, peer: string | undefined, forwardedFor: string | undefined): string | undefined {
  let sender = peer;
  for (const hop of (forwardedFor ?? "").split(",").slice(-maxHops).toReversed()) {
    if (sender === undefined || !isTrusted(trusted, sender)) return sender;
    if (hop.trim() === "") continue;
    sender = addressOf(hop.trim());
  }
  return sender;
}

function isTrusted(trusted: BlockList, address: string): boolean {
  return trusted.check(address.replace(/%.*$/, ""), isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** Some proxies write the port too. */
function addressOf(hop: string): string | undefined {
  return addressIn(hop)?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
