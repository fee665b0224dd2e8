import { describe, expect, test } from "vitest";
import { parseVerboseInfo } from "../../src/runtimes/cri/verbose-info.ts";

const nothing = { pid: undefined, cgroupsPath: undefined, specifiedImage: undefined };
const read = (value: unknown) => parseVerboseInfo({ info: JSON.stringify(value) });

test("containerd's info tells pid, cgroupsPath and the image of the pod's spec", () => {
  const info = {
    sandboxID: "s",
    pid: 3086,
    config: {
      metadata: { name: "both" },
      image: { image: "sha256:65c9", user_specified_image: "127.0.0.1:15000/shop/cart:9.9" },
    },
    runtimeSpec: { ociVersion: "1.2.1", linux: { cgroupsPath: "/kubepods/besteffort/pod4bf2/68d1" } },
  };
  expect(read(info)).toEqual({
    pid: 3086,
    cgroupsPath: "/kubepods/besteffort/pod4bf2/68d1",
    specifiedImage: "127.0.0.1:15000/shop/cart:9.9",
  });
});

test("CRI-O's info has no config, and cri-dockerd's no runtimeSpec", () => {
  expect(
    read({
      pid: 4559,
      sandboxID: "s",
      privileged: false,
      runtimeSpec: { linux: { cgroupsPath: "kubepods.slice:crio:ad5c" } },
    }),
  ).toEqual({ pid: 4559, cgroupsPath: "kubepods.slice:crio:ad5c", specifiedImage: undefined });
  expect(read({ pid: 1118, sandboxID: "s" })).toEqual({ ...nothing, pid: 1118 });
});

describe("what is missing or of another type is left out", () => {
  test.each([
    ["no pid: it has exited", { pid: 0 }],
    ["a negative pid", { pid: -1 }],
    ["half a pid", { pid: 1.5 }],
    ["a pid in words", { pid: "12" }],
    ["empty texts", { runtimeSpec: { linux: { cgroupsPath: "" } }, config: { image: { user_specified_image: "" } } }],
    [
      "numbers where texts belong",
      { runtimeSpec: { linux: { cgroupsPath: 5 } }, config: { image: { user_specified_image: [] } } },
    ],
    ["null on the way", { runtimeSpec: null, config: { image: null } }],
    ["texts on the way", { runtimeSpec: "linux", config: "image" }],
    ["a list", [1, 2]],
    ["null", null],
    ["a number", 7],
  ])("%s", (_, value) => expect(read(value)).toEqual(nothing));

  test.each(["", "{", "not json", '{"pid": 12', "\u0000"])("%j is no JSON", (text) =>
    expect(parseVerboseInfo({ info: text })).toEqual(nothing),
  );

  test("a sandbox of cri-dockerd has no info at all", () => expect(parseVerboseInfo({})).toEqual(nothing));

  test("a text above the limit is not parsed", () => {
    const value = (length: number) => JSON.stringify({ pid: 12, padding: "x".repeat(length) });
    expect(parseVerboseInfo({ info: value(1000) }).pid).toBe(12);
    expect(parseVerboseInfo({ info: value(4 * 1024 * 1024) })).toEqual(nothing);
  });

  test("a text of very many levels ends no process", () => {
    expect(parseVerboseInfo({ info: `${"[".repeat(200_000)}${"]".repeat(200_000)}` })).toEqual(nothing);
    expect(parseVerboseInfo({ info: '{"a":'.repeat(200_000) })).toEqual(nothing);
  });
});
