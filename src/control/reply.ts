import type { Socket } from "node:net";
import type { Ended, Reply } from "../telemetry/answers.ts";
import type { Line } from "./protocol.ts";

/** What is written and not read yet, in bytes: above it who sends waits, and who offers loses. */
const maxBehindBytes = 1024 * 1024;

export type Writing = {
  readonly reply: Reply;
  say(line: Line): void;
  end(ended: Ended): void;
};

/** The way back over a socket; what is written after its end is thrown away. */
export function createReply(socket: Socket, signal: AbortSignal): Writing {
  let lost = 0;
  const say = (line: Line): void => {
    if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
  };
  const tellLost = (): void => {
    if (lost === 0) return;
    say({ lost });
    lost = 0;
  };
  return {
    say,
    reply: {
      signal,
      async send(item) {
        say({ item });
        if (socket.writableLength > maxBehindBytes) await drained(socket);
      },
      offer(item) {
        if (socket.writableLength > maxBehindBytes) {
          lost++;
          return;
        }
        tellLost();
        say({ item });
      },
    },
    end(ended) {
      tellLost();
      say({ end: ended });
      socket.end();
    },
  };
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
    if (socket.destroyed) done();
  });
}
