import { describe, expect, onTestFinished, test } from "vitest";
import { createHttpClient } from "../../../src/net/http1/client.ts";
import { redirectOf } from "../../../src/net/http1/redirect.ts";
import { parseProxy } from "../../../src/net/socket/proxy.ts";
import { clientTls } from "../../../src/net/socket/tls.ts";
import { hasOpenssl } from "../../support/net/certificates.ts";
import { forwardProxy } from "../../support/net/forward-proxy.ts";
import { httpPeer } from "../../support/net/http-peer.ts";
import { lendCertificates } from "../../support/net/renewing.ts";

const to = (status: number, location: string | undefined, from = "http://a.test:4318/v1/traces") =>
  redirectOf({ kind: "answered", status, headers: { location }, body: Buffer.alloc(0) }, new URL(from))?.href;

describe("a redirect", () => {
  test.each([
    ["/v1/traces/", "http://a.test:4318/v1/traces/"],
    ["?tenant=1", "http://a.test:4318/v1/traces?tenant=1"],
    ["//a.test:4318/x", "http://a.test:4318/x"],
    ["https://A.test/v1/traces", "https://a.test/v1/traces"],
    ["https://a.test:8443/", "https://a.test:8443/"],
  ])("to %s is followed", (location, expected) => {
    expect([to(307, location), to(308, location)]).toEqual([expected, expected]);
    for (const status of [200, 300, 301, 302, 303, 304, 305, 400]) expect(to(status, location)).toBeUndefined();
  });

  test.each([
    undefined,
    "http://b.test:4318/",
    "https://b.test/",
    "https://a.test.b.test/",
    "https://x.a.test/",
    "http://a.test/",
    "http://a.test:4319/",
    "//b.test/",
    "\\\\b.test/",
    "http://a.test:4318@b.test/",
    "ftp://a.test/",
    "file:///etc/passwd",
    "http://[",
  ])("to %s is not, since that is nobody whom the headers are for", (location) => {
    expect(to(307, location)).toBeUndefined();
  });

  test("from TLS to none is not followed", () => {
    expect(to(308, "http://a.test/", "https://a.test/")).toBeUndefined();
    expect(to(308, "https://a.test:443/x", "https://a.test/")).toBe("https://a.test/x");
  });
});

test.skipIf(!hasOpenssl).each([false, true])(
  "a server that wants TLS is followed there, through a proxy: %s (skipped without openssl)",
  async (throughProxy) => {
    const { cert, key } = lendCertificates();
    const secure = await httpPeer(() => ({ body: "secure" }), {
      tls: { cert: Buffer.from(cert), key: Buffer.from(key) },
    });
    const open = await httpPeer(() => ({ status: 308, headers: { location: secure.url } }));
    const between = await forwardProxy();
    const proxy = parseProxy(`http://${between.address}`);
    if (typeof proxy === "string") throw new Error(proxy);
    const url = new URL(`${open.url}/v1/traces`);
    const redirects: string[] = [];
    const client = createHttpClient({
      urls: [url],
      tls: clientTls({ insecure_skip_verify: true }),
      proxyFor: () => (throughProxy ? proxy : undefined),
      userAgent: "podstamp/test",
      keepAlive: true,
      maxIdle: 10,
      maxOpen: Number.POSITIVE_INFINITY,
      maxIdleMs: 0,
      maxResponseBytes: 1024,
      onRedirect: ({ href }) => redirects.push(href),
    });
    onTestFinished(async () => {
      client.close();
      for (const server of [secure, open, between]) await server.stop();
    });
    const post = { url, headers: { "api-key": "k" }, body: Buffer.from("body"), timeoutMs: 10_000 };
    for (let sent = 0; sent < 3; sent++)
      expect(await client.post({ ...post, signal: new AbortController().signal })).toMatchObject({
        kind: "answered",
        status: 200,
        body: Buffer.from("secure"),
      });
    expect(redirects).toEqual(Array(3).fill(`${secure.url}/`));
    expect(secure.posted.map(({ body, headers }) => [String(body), headers["api-key"], headers.host])).toEqual(
      Array(3).fill(["body", "k", `127.0.0.1:${secure.port}`]),
    );
    // Kept, on this way too.
    expect(secure.connections).toHaveLength(1);
    expect(between.asked).toHaveLength(throughProxy ? 4 : 0);
  },
);
