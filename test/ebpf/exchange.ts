import { client, httpRecord, server } from "./records.ts";

/*
 * Records of one exchange of HTTP, and of whom, for tests of what the reader makes of them.
 */

/** The ID and the cgroup of a container. */
export const id = "a".repeat(64);
export const path = `/kubepods/besteffort/pod11111111-2222-3333-4444-555555555555/${id}`;
export const ms = (n: number): bigint => BigInt(n) * 1_000_000n;

type More = Partial<Parameters<typeof httpRecord>[0]>;

export const request = (text: string, more: More = {}): Buffer =>
  httpRecord({ kind: 1, role: 2, direction: 0, text, at: ms(1), ...more });
export const response = (text: string, more: More = {}): Buffer =>
  httpRecord({ kind: 2, role: 2, direction: 1, text, at: ms(5), ...more });
export const asClient = { role: 1, local: client, remote: server };
export const get = (target: string, fields = ""): string =>
  `GET ${target} HTTP/1.1\r\nHost: shop.example:8080\r\n${fields}\r\n`;
export const ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
