import { connect } from "node:net";
import { onTestFinished } from "vitest";

/** Writes these bytes to 127.0.0.1:PORT on a connection of its own and answers with all that comes back until it ends. */
export function exchange(address: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(address.split(":")[1]), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let answer = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.once("close", () => resolve(answer));
    socket.write(bytes);
  });
}
