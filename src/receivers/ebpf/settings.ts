import type { Schema, Output } from "../../config/schema/schema.ts";
import {
  choice,
  decimal,
  duration,
  flag,
  integer,
  mebibytes,
  optionalSection,
  section,
  stringList,
  subsection,
  text,
} from "../../config/fields/fields.ts";
import { parsed } from "../../config/fields/parsed-field.ts";
import { runtimeFields } from "../../config/fields/runtime-fields.ts";
import { signalNumber } from "../../ebpf/names.ts";
import { isPattern } from "./pattern.ts";

const on = { absent: "on", empty: "on" } as const;
const off = { absent: "off", empty: "on" } as const;

const process = section({
  spans: flag(true).describe("A span for each process, from its fork to its end; takes a traces pipeline."),
  events: flag(true).describe("Log records `process.exec` and `process.exit`; takes a logs pipeline."),
  arguments: flag(false).describe("Whether process.command_args is written: arguments may hold secrets."),
});

const tcp = section({
  sampling: ratio("connections"),
});

/** Those that mean a crash or an end; a mask of them is given to the kernel. */
const fatal = ["SIGILL", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGSEGV", "SIGTERM", "SIGSYS"];

const signals = section({
  names: parsed<readonly number[]>({
    default: fatal,
    facts: { form: "list of strings" },
    read(raw, fail) {
      if (!Array.isArray(raw)) return fail("must be a list of signals such as SIGKILL");
      return raw.map(
        (name, index) =>
          (typeof name === "string" ? signalNumber(name) : undefined) ??
          fail("must be a signal such as SIGKILL", { at: [index] }),
      );
    },
  }).describe("The signals that are reported."),
});

const http = section({
  sampling: ratio("connections"),
  query: flag(false).describe("Whether url.query is written; values of signatures are always hidden."),
  request_headers: headerNames("http.request.header"),
  response_headers: headerNames("http.response.header"),
  exclude_paths: stringList({
    default: ["/v1/traces", "/v1/metrics", "/v1/logs", "/v1development/profiles"],
    maxItems: 100,
  }).describe("Paths of which no spans are made: those of telemetry itself, unless said otherwise."),
  known_methods: stringList({
    default: ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"],
    maxItems: 100,
  }).describe("Methods that are written as they are; http.request.method of all others is _OTHER."),
  link: flag(true).describe(
    "Without a traceparent: whether client and server of a call get one trace by IDs that both ends can find out, marked by podstamp.trace.derived.",
  ),
  respect_sampling: flag(true).describe(
    "Whether a request whose traceparent says that its trace is not sampled gets no span.",
  ),
  request_capture: captured(1024, "request: of a longer one what stands behind, also traceparent, is not seen"),
  response_capture: captured(512, "response: of a longer one the size of the body, or its end, may not be known"),
});

function ratio(of: string): Schema<number> {
  return decimal({ default: 1, min: 0, max: 1 }).describe(
    `The part of all ${of} that is reported, from 0 to 1; both ends of one decide alike.`,
  );
}

function headerNames(attribute: string): Schema<readonly string[]> {
  return stringList({ default: [], maxItems: 32 })
    .refine((names) => names.every((name) => /^[!#$%&'*+\-.^_`|~0-9a-z]{1,100}$/i.test(name)), {
      message: "must be a list of header names",
    })
    .describe(`Headers that are written, as ${attribute}.<name>; none unless asked for.`);
}

function captured(standard: number, what: string): Schema<number> {
  return integer({ default: standard, min: 64, max: 4096 }).describe(`Bytes that are read of the head of a ${what}.`);
}

function patterns(what: string): Schema<readonly string[]> {
  return stringList({ default: [], maxItems: 1000 })
    .refine((list) => list.every(isPattern), { message: "must be a list of names, in which * stands for any text" })
    .describe(`${what}; * stands for any text.`);
}

const ports = parsed<readonly number[]>({
  default: [],
  facts: { form: "list of integers" },
  read(raw, fail) {
    if (!Array.isArray(raw) || raw.length > 512) return fail("must be a list of at most 512 ports");
    for (const [index, port] of raw.entries())
      if (!Number.isInteger(port) || port < 1 || port > 65535) fail("must be a port from 1 to 65535", { at: [index] });
    return raw.map(Number);
  },
});

const selection = {
  namespaces: patterns("Namespaces of Kubernetes"),
  pods: patterns("Names of pods"),
  containers: patterns("Names of containers"),
  images: patterns("Names of images, without a tag"),
  ports: ports.describe("Ports of servers, for tcp and http; decided in the kernel."),
};

/** The settings of the ebpf receiver. */
export const settings = section({
  probes: subsection({
    process: optionalSection(process, on).describe("When processes begin and end."),
    tcp: optionalSection(tcp, on).describe(
      "TCP connections: a span for each, when it has closed or could not be made.",
    ),
    oom: optionalSection(section({}), on).describe("Processes that the kernel ends for want of memory."),
    signals: optionalSection(signals, on).describe("Signals that can kill a process."),
    http: optionalSection(http, off).describe("HTTP/1 requests: a span for each, of its client and of its server."),
  }).describe("What is watched; each can be switched off by `enabled: false`."),
  include: subsection(selection).describe(
    "What is reported: what fits each list that is not empty. With nothing in it, everything.",
  ),
  exclude: subsection(selection).describe("What is not reported: what fits any of the lists."),
  host_processes: flag(true).describe("Whether processes outside of containers are reported."),
  rate_limit: integer({ default: 1000, min: 0, max: 1_000_000 }).describe(
    "Records of each container a second, requests and others each; 0 is without limit.",
  ),
  rate_limit_burst: integer({ default: 2000, min: 1, max: 10_000_000 }).describe("As many may come at once."),
  wait: duration({ default: "2s", max: "1m" }).describe(
    "How long records of a container are held until the runtime knows it, at most.",
  ),
  flush_interval: duration({ default: "200ms", min: "10ms", max: "1m" }).describe(
    "After this time records are passed on at the latest.",
  ),
  max_held_mib: mebibytes({ default: 16, min: 1, max: 1024 }).describe(
    "What is held of each signal until it has been passed on; what comes above it is dropped and counted.",
  ),
  max_connections: integer({ default: 65_536, min: 64, max: 1_000_000 }).describe(
    "TCP connections that are known at a time, here and in the kernel.",
  ),
  ring_mib: mebibytes({ default: 8, min: 1, max: 256 })
    .refine((bytes) => Number.isInteger(Math.log2(bytes)), { message: "must be a power of 2" })
    .describe("The kernel's buffer of records; when it is full records are lost, and counted."),
  backend: choice(["auto", "socket", "syscall"], "auto").describe(
    "How bytes of connections are seen: by the tracepoints of sockets (`socket`, Linux 6.3 and later), by the exit of system calls (`syscall`), or by the first that the kernel has.",
  ),
  loader: text({ default: "", maxLength: 4096 }).describe(
    "The program that loads the probes; empty means the one that belongs to podstamp.",
  ),
  ...runtimeFields,
});

export type Settings = Output<typeof settings>;
