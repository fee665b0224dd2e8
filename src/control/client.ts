import { connect } from "node:net";
import type { Ended, Question } from "../telemetry/answers.ts";
import { readLines } from "./lines.ts";
import { maxLineBytes, protocol, readLine, writeOrder } from "./protocol.ts";

export type Asking = {
  readonly path: string;
  readonly order: string;
  readonly question?: Question;
  /** Aborted when nobody wants the answer any more; asking rejects then. */
  readonly signal: AbortSignal;
  /** Called with each item of the answer, and with how many were lost since. */
  readonly onItem?: (item: unknown) => void;
  readonly onLost?: (count: number) => void;
  /** Awaited before more is read: what podstamp cannot send then it leaves out of what never ends. */
  readonly keepUp?: () => Promise<void>;
};

/** How long who takes a connection may take to say what it is, whatever it is asked for. */
const greetingMs = 5000;

/** Gives an order to the podstamp that listens at a path and resolves with what became of it; rejects, in words, when none answers as one does. */
export function ask({ path, order, question = {}, signal, onItem, onLost, keepUp }: Asking): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let problem = "it ended without an answer";
    const cut = (): void =>
      void socket.destroy(new Error(isTimeout(signal.reason) ? "it does not answer in time" : "Interrupted"));
    const fail = (text: string): void => {
      problem = text;
      socket.destroy();
    };
    const greeting = setTimeout(() => fail("it takes connections and does not answer"), greetingMs);
    if (signal.aborted) cut();
    signal.addEventListener("abort", cut, { once: true });
    socket.on("connect", () => socket.write(writeOrder(order, question)));
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(greeting);
      signal.removeEventListener("abort", cut);
      reject(new Error(problem)); // of no effect behind an answer
    });
    if (keepUp !== undefined)
      socket.on("data", () => {
        socket.pause();
        void keepUp().then(() => socket.resume()); // it never rejects
      });
    readLines(socket, {
      maxBytes: maxLineBytes,
      onLong: () => fail(`its answer has a line of more than ${maxLineBytes} bytes`),
      onLine(text) {
        clearTimeout(greeting);
        const line = readLine(text);
        if (line === undefined) fail("what answers is no podstamp, or one of another version: use its own command");
        else if ("item" in line) onItem?.(line.item);
        else if ("lost" in line) onLost?.(line.lost);
        else if ("end" in line) {
          resolve(line.end);
          socket.end();
        } else if (line.protocol !== protocol)
          // What it has to say of this comes next.
          problem = `podstamp ${line.podstamp} runs there, which speaks protocol ${line.protocol}: use its own command`;
      },
    });
  });
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}
