import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Code, ok } from "../../src/net/status.ts";
import { createServer } from "../../src/net/transport-choice.ts";
import { eventually } from "../support/eventually.ts";
import { at, serverOptions } from "../support/grpc/peer.ts";
import { bare, folder, framed, message, peer, send, serving } from "../support/grpc/serving.ts";
import { transports } from "../support/grpc/transports.ts";

describe.each(transports)("a server on %s,", (transport) => {
  const serve = serving(transport);

  describe("listening", () => {
    test("at localhost takes both families where the machine has both", async () => {
      const { address } = await serve(undefined, { endpoint: at("localhost:0") });
      const port = address.split(":").at(-1);
      expect((await peer(`127.0.0.1:${port}`).call(message)).code).toBe(0);
      expect(address).toMatch(/^(localhost|127\.0\.0\.1):/);
      const hasIpv6 = address.startsWith("localhost:");
      expect((await peer(`[::1]:${port}`, { channel: { "grpc.enable_retries": 0 } }).call(message)).code).toBe(
        hasIpv6 ? 0 : Code.UNAVAILABLE,
      );
    });

    test("at 0.0.0.0 takes both families, as in Go's programs, and tells callers of IPv4 by their own address", async () => {
      const from: (string | undefined)[] = [];
      const { address } = await serve(
        async (call) => {
          from.push(call.peer);
          return { status: ok };
        },
        { endpoint: at("0.0.0.0:0") },
      );
      const port = address.split(":").at(-1);
      const hasIpv6 = address.startsWith("[::]:");
      expect((await peer(`127.0.0.1:${port}`).call(message)).code).toBe(0);
      expect((await peer(`[::1]:${port}`, { channel: { "grpc.enable_retries": 0 } }).call(message)).code).toBe(
        hasIpv6 ? 0 : Code.UNAVAILABLE,
      );
      expect(from).toEqual(hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]);
    });

    test("at a unix socket takes callers without an address", async () => {
      const path = join(folder(), "otlp.sock");
      let from: string | undefined = "nobody";
      const { address } = await serve(
        async (call) => {
          from = call.peer;
          return { status: ok };
        },
        { endpoint: at(`unix://${path}`) },
      );
      expect(address).toBe(path);
      expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
      expect(from).toBeUndefined();
    });

    test("takes the place of a unix socket whose process is gone", async () => {
      const path = join(folder(), "stale.sock");
      const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
      spawnSync(process.execPath, ["-e", script]);
      expect(existsSync(path)).toBe(true);
      await serve(undefined, { endpoint: at(`unix://${path}`) });
      expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
    });

    test("does not take the place of a unix socket whose process lives", async () => {
      const path = join(folder(), "live.sock");
      await serve(undefined, { endpoint: at(`unix://${path}`) });
      const second = createServer(serverOptions({ transport, endpoint: at(`unix://${path}`) }), new Map());
      await expect(second.start()).rejects.toThrow(`Cannot listen on ${path}: another process listens there`);
      await second.stop(AbortSignal.abort());
      expect((await peer(`unix:${path}`).call(message)).code).toBe(0);
    });

    test("at a unix socket gives it the mode and the group, and takes it away at the end", async () => {
      const path = join(folder(), "otlp.sock");
      const access = { mode: 0o660, group: String(process.getgid?.() ?? 0) };
      const { server } = await serve(undefined, { endpoint: { kind: "unix", path, access } });
      const { mode, gid } = statSync(path);
      expect({ mode: mode & 0o777, gid: String(gid) }).toEqual({ mode: 0o660, gid: access.group });
      await server.stop(AbortSignal.abort());
      expect(existsSync(path)).toBe(false);
    });

    test.each([
      [
        "a file",
        (path: string) => writeFileSync(path, "precious"),
        /must be a socket or nothing yet, is another file$/,
      ],
      [
        "a folder that is not there",
        (path: string) => rmSync(join(path, ".."), { recursive: true }),
        /the folder .+ is not there$/,
      ],
    ])("at %s is refused in words, and nothing is removed", async (_, prepare, words) => {
      const parent = mkdtempSync(join(folder(), "in-"));
      const path = join(parent, "otlp.sock");
      prepare(path);
      const before = existsSync(path);
      const server = createServer(serverOptions({ transport, endpoint: at(`unix://${path}`) }), new Map());
      await expect(server.start()).rejects.toThrow(words);
      await server.stop(AbortSignal.abort());
      expect(existsSync(path)).toBe(before);
    });

    test("with a group that does not exist is refused, and no socket is left", async () => {
      const path = join(folder(), "otlp.sock");
      const endpoint = { kind: "unix", path, access: { group: "no-such-group" } } as const;
      const server = createServer(serverOptions({ transport, endpoint }), new Map());
      await expect(server.start()).rejects.toThrow(
        `Cannot give ${path} to the group no-such-group: must be a group of /etc/group or a number`,
      );
      await server.stop(AbortSignal.abort());
      await eventually(() => !existsSync(path), { what: "the end of the socket" });
    });

    test("at an address in use names it", async () => {
      const { address } = await serve();
      const second = createServer(serverOptions({ transport, endpoint: at(address) }), new Map());
      await expect(second.start()).rejects.toThrow(`Cannot listen on ${address}: the address is already in use`);
      await second.stop(AbortSignal.abort());
    });
  });

  describe("stop", () => {
    test("says goodbye, lets calls end and refuses new ones", async () => {
      const release = Promise.withResolvers<void>();
      const { server, address, calls } = await serve(() =>
        release.promise.then(() => ({ status: ok, body: Buffer.from("late") })),
      );
      const session = bare(address);
      const goodbye = new Promise((resolve) => session.once("goaway", resolve));
      const call = send(session, [framed(message)]);
      await eventually(() => calls.length === 1, { what: "the call" });
      const stopped = server.stop(new AbortController().signal);
      await goodbye;
      release.resolve();
      expect((await call).trailers["grpc-status"]).toBe("0");
      await stopped;
      expect((await peer(address).call(message, { deadlineMs: 2000 })).code).not.toBe(0);
    });

    test("cuts what is left when its time is up", async () => {
      const { server, address, calls } = await serve(() => new Promise(() => {}));
      const call = peer(address).call(message);
      await eventually(() => calls.length === 1, { what: "the call" });
      expect(calls[0]?.signal.aborted).toBe(false);
      const limit = new AbortController();
      const stopped = server.stop(limit.signal);
      limit.abort();
      await stopped;
      await eventually(() => calls[0]?.signal.aborted, { what: "the abort" });
      expect((await call).code).not.toBe(0);
    });

    test("is safe before start and twice", async () => {
      const server = createServer(serverOptions({ transport }), new Map());
      await server.stop(new AbortController().signal);
      await server.start();
      await server.stop(new AbortController().signal);
      await server.stop(AbortSignal.abort());
    });
  });
});
