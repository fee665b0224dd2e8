import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { health } from "../../src/cli/health.ts";
import { freePort } from "../support/net/ports.ts";
import { givenIo } from "./given-cli.ts";

/** A health_check as the command sees it: status 200 and 503 with JSON, and what else may sit at a port. */
async function given(answer: RequestListener, path?: string): Promise<string> {
  const server = createServer(answer);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const port = await freePort();
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(port, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  return path === undefined ? `127.0.0.1:${port}` : `unix://${path}`;
}

async function asked(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let err = "";
  const { io, out } = givenIo({ env, err: (text) => (err += text) });
  const code = await health(argv, io).catch((error: unknown) => String(error));
  return { code, out: out(), err };
}

test("a podstamp that is ready ends it with 0, at the place that the environment or the option names", async () => {
  const endpoint = await given((_, response) => response.end('{"status":"Server available"}'));
  const right = { code: 0, out: '{"status":"Server available"}\n', err: "" };
  expect(await asked([], { PODSTAMP_HEALTH_ENDPOINT: endpoint })).toEqual(right);
  expect(await asked(["--endpoint", `http://${endpoint}/x`])).toEqual(right);
});

test("a unix socket can be asked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "podstamp-health-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const endpoint = await given((_, response) => response.end(), join(folder, "h.sock"));
  expect(await asked(["--endpoint", endpoint])).toEqual({ code: 0, out: "status 200\n", err: "" });
});

test("one that is not ready ends it with 1 and says for what it waits, without what could steer a terminal", async () => {
  const endpoint = await given((_, response) => response.writeHead(503).end('{"waitingFor":["\u001b[31mdirectory"]}'));
  expect(await asked(["--endpoint", endpoint])).toEqual({
    code: 1,
    out: "",
    err: '{"waitingFor":["\\u{1b}[31mdirectory"]}\n',
  });
});

test("where nobody listens, the error says what must run", async () => {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const { code } = await asked(["--endpoint", endpoint]);
  expect(code).toMatch(new RegExp(`Cannot ask ${endpoint}: .*ECONNREFUSED.*must run with the extension health_check`));
});

test("an endless answer is cut", async () => {
  const endpoint = await given((_, response) => response.end("x".repeat(1_000_000)));
  expect((await asked(["--endpoint", endpoint])).out).toHaveLength(65_537);
});

test.each(["a b", "http://user@x", "http://"])("%j is no endpoint", async (endpoint) => {
  expect((await asked(["--endpoint", endpoint])).code).toMatch(/Option --endpoint must be host:port/);
});
