import { afterEach, describe, expect, test } from "vitest";
import { basicAuthorization, openTunnel, parseProxy, proxyFromEnvironment } from "../../../src/net/socket/proxy.ts";
import type { Target } from "../../../src/net/socket/proxy.ts";
import { forwardProxy } from "../../support/net/forward-proxy.ts";
import { httpPeer } from "../../support/net/http-peer.ts";
import { freePort } from "../../support/net/ports.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const to = (host: string, port = 443, scheme: Target["scheme"] = "https"): Target => ({ scheme, host, port });

describe("the environment's proxy", () => {
  const environment = { HTTPS_PROXY: "http://secure:3128", HTTP_PROXY: "plain:8080" };

  test("is the one of the target's scheme; http:// may be left out", () => {
    expect(proxyFromEnvironment(to("tempo"), environment)).toMatchObject({ host: "secure", port: 3128 });
    expect(proxyFromEnvironment(to("tempo", 80, "http"), environment)).toMatchObject({ host: "plain", port: 8080 });
    expect(proxyFromEnvironment(to("tempo"), {})).toBeUndefined();
  });

  test("may be named in lower case; upper case goes first", () => {
    expect(proxyFromEnvironment(to("tempo"), { https_proxy: "lower:1" })).toMatchObject({ host: "lower" });
    expect(proxyFromEnvironment(to("tempo"), { https_proxy: "lower:1", HTTPS_PROXY: "upper:1" })).toMatchObject({
      host: "upper",
    });
    expect(proxyFromEnvironment(to("tempo"), { https_proxy: "lower:1", no_proxy: "tempo" })).toBeUndefined();
  });

  test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"])("is never asked for %s", (host) => {
    expect(proxyFromEnvironment(to(host), environment)).toBeUndefined();
  });

  /* The cases are those of Go's httpproxy package: what it leaves out and what it does not. */
  test.each([
    ["*", "anything", true],
    ["foo.com", "foo.com", true],
    ["foo.com", "bar.foo.com", true],
    ["foo.com", "notfoo.com", false],
    [".foo.com", "foo.com", false],
    [".foo.com", "bar.foo.com", true],
    ["*.foo.com", "foo.com", false],
    ["*.foo.com", "bar.foo.com", true],
    ["FOO.com", "foo.COM", true],
    ["foo.com:443", "foo.com", true],
    ["foo.com:8443", "foo.com", false],
    ["10.0.0.0/8", "10.200.3.4", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/33", "10.0.0.1", false],
    ["192.168.7.1", "192.168.7.1", true],
    ["192.168.7.1:443", "192.168.7.1", true],
    ["192.168.7.1:80", "192.168.7.1", false],
    ["192.168.7.1", "192.168.7.11", false],
    ["2001:db8::/32", "2001:db8:1::5", true],
    ["2001:db8::1", "2001:0db8:0::1", true],
    ["[2001:db8::1]:443", "2001:db8::1", true],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["0.1", "10.0.0.1", false],
    [" ,, foo.com , ", "foo.com", true],
    [",", "foo.com", false],
  ])("NO_PROXY=%s leaves %s out: %s", (list, host, isLeftOut) => {
    const found = proxyFromEnvironment(to(host), { ...environment, NO_PROXY: list });
    expect(found === undefined).toBe(isLeftOut);
  });

  test("that is none is an error with the variable's name and without its password", () => {
    const broken = { HTTPS_PROXY: "socks5://user:tops3cret@proxy:1080" };
    expect(() => proxyFromEnvironment(to("tempo"), broken)).toThrow(
      'Cannot use the environment\'s HTTPS_PROXY: must be an http:// or https:// proxy, has the scheme "socks5"',
    );
  });
});

describe("a proxy's URL", () => {
  test("has a port by its scheme and credentials with escapes", () => {
    expect(parseProxy("https://us%40er:p%3Ass@proxy")).toEqual({
      host: "proxy",
      port: 443,
      isSecure: true,
      authorization: `Basic ${Buffer.from("us@er:p:ss").toString("base64")}`,
    });
    expect(parseProxy("http://[::1]")).toMatchObject({ host: "::1", port: 80, authorization: undefined });
  });

  test.each(["", "http://", "ftp://user:tops3cret@x", "http://a b:tops3cret@x:99999"])(
    "%o is answered with a rule that shows no password",
    (text) => {
      const rule = parseProxy(text);
      expect(rule).toMatch(/^must be/);
      expect(rule).not.toContain("tops3cret");
    },
  );

  test("a percent sign that escapes nothing stands for itself", () => {
    expect(basicAuthorization(new URL("http://u:100%@x"))).toBe(`Basic ${Buffer.from("u:100%").toString("base64")}`);
  });
});

describe("a tunnel", () => {
  const options = { userAgent: "podstamp/test", signal: new AbortController().signal };

  test("leads to the other side, with credentials for the proxy", async () => {
    const peer = await httpPeer(() => ({ body: "through" }));
    closing.push(() => peer.stop());
    const proxy = await forwardProxy({ names: { "inside.test": { host: "127.0.0.1", port: peer.port } } });
    closing.push(() => proxy.stop());
    const parsed = parseProxy(`http://me:tops3cret@${proxy.address}`);
    expect(typeof parsed).not.toBe("string");
    const socket = await openTunnel({ ...options, proxy: parsed as never, host: "inside.test", port: 4317 });
    closing.push(() => socket.destroy());
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toContain("through");
    expect(proxy.asked).toEqual([
      {
        line: "CONNECT inside.test:4317",
        authorization: `Basic ${Buffer.from("me:tops3cret").toString("base64")}`,
      },
    ]);
  });

  test("that the proxy refuses is an error with both names and the answer", async () => {
    const proxy = await forwardProxy({ refuses: 407 });
    closing.push(() => proxy.stop());
    await expect(
      openTunnel({ ...options, proxy: parseProxy(proxy.address) as never, host: "tempo", port: 4317 }),
    ).rejects.toThrow(`Cannot reach tempo:4317 through the proxy ${proxy.address}: it answered 407 No`);
  });

  test("through a proxy that is not there is an error, and one that was given up too", async () => {
    const port = await freePort();
    const proxy = parseProxy(`127.0.0.1:${port}`) as never;
    await expect(openTunnel({ ...options, proxy, host: "tempo", port: 4317 })).rejects.toThrow(/ECONNREFUSED/);
    await expect(
      openTunnel({ ...options, proxy, host: "tempo", port: 4317, signal: AbortSignal.abort() }),
    ).rejects.toThrow(/^Cannot reach tempo:4317 through the proxy/);
  });
});
