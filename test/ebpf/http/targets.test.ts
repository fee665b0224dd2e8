import { describe, expect, test } from "vitest";
import { asClient, ok, request, response } from "../exchange.ts";
import { givenReader } from "../given-reader.ts";

/** Attributes of the client's and of the server's span of a request with this head. */
function attributesOf(head: string, http: { withQuery?: boolean } = {}) {
  const { take, spans, dropped } = givenReader({ http });
  take(
    request(`${head}\r\n\r\n`, { ...asClient, direction: 1, connection: 1 }),
    response(ok, { ...asClient, direction: 0, connection: 1 }),
    request(`${head}\r\n\r\n`, { connection: 2 }),
    response(ok, { connection: 2 }),
  );
  const [ofClient, ofServer] = spans();
  return { client: ofClient?.plain ?? {}, server: ofServer?.plain ?? {}, name: ofClient?.name, dropped };
}

const host = "Host: shop.example:8080";

describe("a request's target", () => {
  test.each([
    { target: "http://other.example/x?y", full: "http://other.example/x", port: 80, path: "/x", scheme: "http" },
    { target: "https://other.example/x", full: "https://other.example/x", port: 443, path: "/x", scheme: "https" },
    { target: "http://other.example:81", full: "http://other.example:81", port: 81, path: undefined, scheme: "http" },
    { target: "http://u:p@w@other.example/", full: "http://other.example/", port: 80, path: "/", scheme: "http" },
    { target: "http://other.example?a=/b", full: "http://other.example", port: 80, path: undefined, scheme: "http" },
    { target: "ftp://other.example/f", full: "ftp://other.example/f", port: 8080, path: "/f", scheme: "ftp" },
  ])(
    "that names all of its URL says whom it asks, not the Host field: $target",
    ({ target, full, port, path, scheme }) => {
      const { client, server } = attributesOf(`GET ${target} HTTP/1.1\r\n${host}`);
      const both = { "server.address": "other.example", "server.port": port, "url.scheme": scheme };
      expect(client).toMatchObject({ ...both, "url.full": full });
      expect(server).toMatchObject(both);
      expect([client["url.path"], server["url.path"]]).toEqual([path, path]);
    },
  );

  test("that is a * asks the server itself, whose URL has no path", () => {
    const { client } = attributesOf(`OPTIONS * HTTP/1.1\r\n${host}`);
    expect(client).toMatchObject({ "url.path": "*", "url.full": "http://shop.example:8080" });
  });

  test("of a tunnel is whom it leads to, with a Host field or without", () => {
    for (const fields of ["", "\r\nHost: far.example:443"]) {
      const { client } = attributesOf(`CONNECT far.example:443 HTTP/1.1${fields}`);
      expect(client).toMatchObject({ "server.address": "far.example", "server.port": 443 });
      expect(client).not.toHaveProperty("url.full");
    }
  });

  test("has its query where that is wanted, also where no path stands before", () => {
    const { client } = attributesOf(`GET http://other.example?a=/b HTTP/1.1\r\n${host}`, { withQuery: true });
    expect(client).toMatchObject({ "url.query": "a=/b", "url.full": "http://other.example?a=/b" });
  });

  test("that names all of its URL is left out by its path, too", () => {
    const { client, dropped } = attributesOf(`POST http://other.example/v1/traces?x HTTP/1.1\r\n${host}`);
    expect([client, dropped]).toEqual([{}, { path: 2 }]);
  });
});

test("credentials in the Host field are never written", () => {
  const { client, server } = attributesOf("GET /x HTTP/1.1\r\nHost: user:pass@shop.example:81");
  const both = { "server.address": "shop.example", "server.port": 81 };
  expect(client).toMatchObject({ ...both, "url.full": "http://shop.example:81/x" });
  expect(server).toMatchObject(both);
  expect(JSON.stringify([client, server])).not.toContain("pass");
});

test("a Host field without a name is as good as none", () => {
  const { client } = attributesOf("GET /x HTTP/1.1\r\nHost: :81");
  expect(client).toMatchObject({ "server.address": "10.0.0.2", "url.full": "http://10.0.0.2:8080/x" });
});

describe("a method", () => {
  test("that is not known is _OTHER, with the original beside it, and its span is HTTP", () => {
    const { client, server, name } = attributesOf(`PROPFIND /dav HTTP/1.1\r\n${host}`);
    expect(name).toBe("HTTP");
    const both = { "http.request.method": "_OTHER", "http.request.method_original": "PROPFIND" };
    expect(client).toMatchObject(both);
    expect(server).toMatchObject(both);
  });

  test("that is known is written as it is, and nothing beside it", () => {
    const { client, name } = attributesOf(`GET /dav HTTP/1.1\r\n${host}`);
    expect(name).toBe("GET");
    expect(client["http.request.method"]).toBe("GET");
    expect(client).not.toHaveProperty("http.request.method_original");
  });

  test.each(["CHECKIN", "HALT"])("that is as long as one with a meaning has none: %s", (method) => {
    const { client } = attributesOf(`${method} /x HTTP/1.1\r\n${host}`);
    expect(client).toMatchObject({ "url.full": "http://shop.example:8080/x", "http.response.body.size": 3 });
  });
});

test.each([
  ["a=1,b=\xff", ""],
  ["a=1,b=2", "a=1,b=2"],
])("the state of a trace is kept where it is text: %j", (state, expected) => {
  const { take, spans } = givenReader();
  const context = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  take(request(`GET / HTTP/1.1\r\n${context}\r\ntracestate: ${state}\r\n\r\n`), response(ok));
  expect(spans()[0]).toMatchObject({ traceState: expected });
});
