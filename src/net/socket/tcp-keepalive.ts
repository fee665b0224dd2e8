/** A connection that has been silent for this long is asked for by the system, as in gRPC's other implementations. */
const silentMs = 60_000;

/**
 * For the connections of a server or client: the system finds out whose other side has gone without a word (a host without power, a NAT that
 * has forgotten them), which no call and no ping of ours would for hours.
 */
export const tcpKeepAlive = { keepAlive: true, keepAliveInitialDelay: silentMs } as const;
