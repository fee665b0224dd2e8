import { describe, expect, test } from "vitest";
import { readEvent } from "../../src/runtimes/containerd/events.ts";
import { Envelope } from "../../src/proto/containerd/types/event.ts";
import { hex } from "../otlp/wire.ts";

/** An event as containerd sends it; payloads are spelled out as protobuf's own text of them reads. */
const event = (topic: string, value: Buffer) =>
  readEvent(Envelope.fromPartial({ namespace: "k8s.io", topic, event: { typeUrl: "containerd.events.X", value } }));

// id: "c1", image: "i", runtime { name: "io.containerd.runc.v2" }
const create = hex("0a02 6331 1201 69 1a17 0a15 696f2e636f6e7461696e6572642e72756e632e7632");
// container_id: "c1", pid: 4242
const start = hex("0a02 6331 1092 21");
// container_id: "c1", id: "c1", pid: 4242, exit_status: 137, exited_at { seconds: 1 }
const ended = hex("0a02 6331 1202 6331 1892 21 2089 01 2a02 0801");
// container_id: "c1", id: "probe-7", pid: 4300, exit_status: 0
const probe = hex("0a02 6331 1207 70726f62652d37 18cc 21");
// container_id: "c1", pid: 4242, exit_status: 137, exited_at { seconds: 1 }, id: "c1"
const deleted = hex("0a02 6331 1092 21 1889 01 2202 0801 2a02 6331");

describe("containerd's events", () => {
  test.each([
    ["/containers/create", create, { id: "c1", change: "appeared" }],
    ["/containers/update", hex("0a02 6331"), { id: "c1", change: "changed" }],
    ["/containers/delete", hex("0a02 6331"), { id: "c1", change: "gone" }],
    ["/tasks/start", start, { id: "c1", change: "changed" }],
    ["/tasks/exit", ended, { id: "c1", change: "exited" }],
    ["/tasks/delete", deleted, { id: "c1", change: "exited" }],
  ])("%s is a hint", (topic, payload, hint) => expect(event(topic, payload)).toEqual(hint));

  test("of a process that was exec'd in a container are none: probes end every few seconds", () => {
    expect(event("/tasks/exit", probe)).toBeUndefined();
    expect(event("/tasks/delete", hex("0a02 6331 2a07 70726f62652d37"))).toBeUndefined();
  });

  test.each([
    "/tasks/exec-started",
    "/tasks/oom",
    "/snapshot/prepare",
    "/images/create",
    "",
    "constructor",
    "toString",
    "__proto__",
  ])("%j is none", (topic) => {
    expect(event(topic, create)).toBeUndefined();
  });

  test.each([
    ["a length that runs over the end", hex("0aff 6331")],
    ["half a varint", hex("0a02 6331 10ff")],
    ["a group that does not end", hex("0b0a02")],
    ["no bytes at all", hex("")],
    ["an ID of no bytes", hex("0a00")],
    ["another field alone", hex("1201 69")],
  ])("with a broken payload is none: %s", (_, payload) => {
    expect(event("/containers/create", payload)).toBeUndefined();
  });

  test("without a payload is none", () => {
    expect(readEvent(Envelope.fromPartial({ topic: "/containers/create" }))).toBeUndefined();
  });
});
