import { describe, expect, test } from "vitest";
import { parseContainerRef } from "../../../src/containers/names/container-ref.ts";

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

describe("an ID of a container", () => {
  test.each([
    [id, { id, mayBePrefix: false }],
    [id.toUpperCase(), { id, mayBePrefix: false }],
    [` ${id}\n`, { id, mayBePrefix: false }],
    [`containerd://${id}`, { id, mayBePrefix: false }],
    [`cri-o://${id}`, { id, mayBePrefix: false }],
    [`docker://${id.slice(0, 12)}`, { id: id.slice(0, 12), mayBePrefix: true }],
    [`cri-containerd-${id}.scope`, { id, mayBePrefix: false }],
    [`crio-${id}.scope`, { id, mayBePrefix: false }],
    [`docker-${id}.scope`, { id, mayBePrefix: false }],
    [`libpod-${id}`, { id, mayBePrefix: false }],
    [`kubepods-besteffort.slice:cri-containerd:${id}`, { id, mayBePrefix: false }],
    [id.slice(0, 12), { id: id.slice(0, 12), mayBePrefix: true }],
    [id.slice(0, 15), { id: id.slice(0, 15), mayBePrefix: true }],
    [id.slice(0, 31), { id: id.slice(0, 31), mayBePrefix: true }],
    [id.slice(0, 63), { id: id.slice(0, 63), mayBePrefix: true }],
  ])("%j is read", (text, ref) => expect(parseContainerRef(text)).toEqual(ref));

  test.each([
    ["eleven hex digits are a whole ID, never a beginning", id.slice(0, 11)],
    ["a name that ends like an ID stays a name", "web-0123456789ab"],
    ["65 hex digits are no beginning", `${id}0`],
    ["an ECS task's ID stays as it is", "0123456789abcdef0123456789abcdef-1234567890"],
  ])("%s", (_, text) => expect(parseContainerRef(text)).toEqual({ id: text, mayBePrefix: false }));

  test.each([
    "",
    " ",
    "docker://",
    "a b",
    "../../etc/passwd",
    "-rf",
    "\u0000",
    "ü",
    "a".repeat(129),
    "0".repeat(100_000),
  ])("%j cannot be one", (text) => expect(parseContainerRef(text)).toBeUndefined());

  test("a megabyte that would make a careless pattern run for ever is answered at once", () => {
    expect(parseContainerRef("-a".repeat(500_000))).toBeUndefined();
  });
});
