import { Code } from "../../status.ts";
import type { Status } from "../../status.ts";
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
  refusal: undefined,
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
      if (head.method !== "POST") return foreign(head, { status: 405, fields: { allow: "POST" }, text: foreignAnswer });
      if (!head.isGrpc) return foreign(head, { status: 415, fields: {}, text: foreignAnswer });
      const handler = methods.get(head.path);
      return handler === undefined
        ? { head, handler: "unknown", refusal: "unknown_method" }
        : { head, handler, refusal: undefined };
    }
  }
}

/** What is told who calls a method that nobody has. */
export function unknownMethod(path: string): Status {
  return { code: Code.UNIMPLEMENTED, message: `Cannot call ${path.slice(0, 200)}: no such method here` };
}

/** Nobody looks at the fields of what is no gRPC: they are not kept while the rest of it comes. */
function foreign({ contentLength }: RequestHead, handler: PlainAnswer): Dispatched {
  return { head: { ...noHead, contentLength }, handler, refusal: undefined };
}
