import type { Live } from "./connection.ts";
import type { ClientKeepalive } from "../transport.ts";
import { longestTimerMs } from "../../longest-timer.ts";

/** Pings a connection that has been silent for a while and ends it when no answer comes; its timers end with it. */
export function keepAlive(live: Live, settings: ClientKeepalive): void {
  let seen = -1;
  let patience: NodeJS.Timeout | undefined;
  const check = (): void => {
    const isSilent = live.socket.bytesRead === seen;
    seen = live.socket.bytesRead;
    if (!isSilent || patience !== undefined || (live.open === 0 && !settings.permitWithoutStream)) return;
    patience = setTimeout(() => live.socket.destroy(new Error("no answer to a keep-alive ping")), settings.timeoutMs);
    live.session.ping(() => {
      clearTimeout(patience);
      patience = undefined;
    });
  };
  const timer = setInterval(check, Math.min(longestTimerMs, settings.timeMs));
  timer.unref();
  live.socket.once("close", () => {
    clearInterval(timer);
    clearTimeout(patience);
  });
}
