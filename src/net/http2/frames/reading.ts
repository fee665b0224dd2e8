import net from "node:net";
import type { OnReadOpts, Socket } from "node:net";

/** Told of bytes that have arrived in chunk[start, end), good until it returns. */
export type OnBytes = (chunk: Buffer, start: number, end: number) => void;

/**
 * One piece of memory for all sockets to read into: what is read is taken before the next one reads. A fresh one for each read gives the
 * collector most of its work: a full collection for each 64 MiB of them (measured).
 */
const memory = Buffer.allocUnsafeSlow(256 * 1024);

/** Where the bytes of one socket go. */
export class Intake {
  onBytes: OnBytes = () => {};
  /** For a socket that reads into memory that is used again. */
  readonly onread: OnReadOpts = {
    buffer: memory,
    callback: (length, buffer) => {
      this.onBytes(buffer as Buffer, 0, length);
      return true;
    },
  };

  /** Takes what a socket gives that was made without `onread`, and lets one with it begin. */
  attach(socket: Socket): void {
    socket.on("data", (chunk: Buffer) => this.onBytes(chunk, 0, chunk.length));
  }
}

/**
 * The same connection as a socket that reads through `intake`. A server cannot be told to make such ones; but a socket can be made anew
 * around what the system gave, while the first one has read nothing (`pauseOnConnect`).
 */
export function takeOver(socket: Socket, intake: Intake): Socket {
  const accepted = socket as Socket & { _handle?: object | null };
  const handle = accepted._handle;
  if (handle === undefined || handle === null) {
    intake.attach(socket.resume());
    return socket;
  }
  accepted._handle = null;
  socket.destroy();
  const own = new net.Socket({ handle, onread: intake.onread } as net.SocketConstructorOpts);
  return own.setNoDelay(true);
}
