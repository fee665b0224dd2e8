import http from "node:http";
import https from "node:https";
import { trustedAuthorities } from "../../authorities.ts";
import { distrust } from "../socket/tls.ts";
import type { ClientTls } from "../socket/tls.ts";

export type GetOptions = {
  readonly headers: Readonly<Record<string, string>>;
  /** For https:// URLs. */
  readonly tls: ClientTls | undefined;
  /** How long all of it may take, in ms. */
  readonly timeoutMs: number;
  /** Of the body, checked against what is announced and again while it comes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/** Gets a URL over a connection of its own; rejects, in words, for any status but 200. Redirects are not followed. */
export function httpGet(url: URL, { headers, tls, timeoutMs, maxBytes, signal }: GetOptions): Promise<Buffer> {
  if (url.protocol === "https:" && tls?.ca === undefined) trustedAuthorities();
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`Cannot get ${url.href}: ${why}`));
    const common = { headers, agent: false, signal };
    const request = url.protocol === "https:" ? https.get(url, { ...common, ...tls }) : http.get(url, common);
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on("close", () => clearTimeout(timer));
    request.on("error", (error) => fail(distrust(error.message)));
    request.on("response", (response) => {
      const tooLarge = () => request.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
      if (response.statusCode !== 200) {
        fail(`status ${response.statusCode}`);
        request.destroy();
        return;
      }
      if (Number(response.headers["content-length"] ?? 0) > maxBytes) tooLarge();
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) tooLarge();
        else chunks.push(chunk);
      });
      response.on("error", (error) => fail(error.message));
      response.on("end", () => resolve(Buffer.concat(chunks)));
    });
  });
}
