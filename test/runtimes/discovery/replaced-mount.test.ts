import { expect, test } from "vitest";
import { isOfDeleted } from "../../../src/runtimes/discovery/replaced-mount.ts";

test("of the mounts above a path the nearest one decides, of two at one place the later", () => {
  const line = (root: string, point: string) => `157 147 0:46 ${root} ${point} ro,relatime - tmpfs tmpfs rw,mode=755\n`;
  const socket = "/run/podman/podman.sock";
  const deleted = line("/podman/podman.sock//deleted", socket);
  expect(isOfDeleted(line("/", "/") + deleted, socket)).toBe(true);
  expect(isOfDeleted(deleted + line("/podman/podman.sock", socket), socket)).toBe(false);
  expect(isOfDeleted(deleted, `${socket}et`)).toBe(false);
  expect(isOfDeleted(line("/crio//deleted", "/run/crio"), "/run/crio/crio.sock")).toBe(true);
  expect(isOfDeleted(line("/a//deleted", "/run/a") + line("/", "/run/a/b"), "/run/a/b/c.sock")).toBe(false);
  expect(isOfDeleted(line("/a//deleted", String.raw`/run/a\040b`), "/run/a b/c.sock")).toBe(true);
});
