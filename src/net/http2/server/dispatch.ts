import type { Refusal, UnaryHandler, UnaryMethods } from "../../transport.ts";
import type { PlainAnswer } from "./answers.ts";
import type { Decoded } from "../fields.ts";
import type { RequestHead } from "./request-head.ts";

/** Who answers a request, as its headers tell. */
export type Dispatched = {
  readonly head: RequestHead;
  /** A handler; an answer that is no gRPC; or nobody. */
  readonly handler: UnaryHandler | PlainAnswer | "malformed" | "unknown";
  /** What is counted then. */
  readonly refusal: Refusal | undefined;
};

const tooLarge: PlainAnswer = { status: 431, fields: {}, text: "The headers must be smaller" };
const noHead: RequestHead = {
  method: "",
  path: "",
  isGrpc: false,
  timeoutMs: undefined,
  encoding: "identity",
  contentLength: undefined,
  fields: [],
  size: 0,
};

/** Finds who answers; `foreignAnswer` is what somebody is told who does not speak gRPC. */
export function dispatch(
  decoded: Exclude<Decoded<RequestHead>, { readonly status: "compression_error" }>,
  methods: UnaryMethods,
  foreignAnswer: string,
): Dispatched {
  switch (decoded.status) {
    case "malformed":
      return { head: noHead, handler: "malformed", refusal: "malformed" };
    case "list_too_large":
      return { head: noHead, handler: tooLarge, refusal: "header_size" };
    case "ok": {
      const { head } = decoded;
      if (head.method !== "POST")
        return { head, handler: { status: 405, fields: { allow: "POST" }, text: foreignAnswer }, refusal: undefined };
      if (!head.isGrpc) return { head, handler: { status: 415, fields: {}, text: foreignAnswer }, refusal: undefined };
      const handler = methods.get(head.path);
      return handler === undefined
        ? { head, handler: "unknown", refusal: "unknown_method" }
        : { head, handler, refusal: undefined };
    }
  }
}
