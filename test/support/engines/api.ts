import { request } from "node:http";

export type EngineCall = {
  readonly method?: "GET" | "POST" | "DELETE";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON; bytes as a tar. */
  readonly body?: unknown;
};

/** The HTTP API of a Docker or Podman of one's own, also the calls that change things. */
export type EngineApi = {
  /** The JSON of the answer, or its text where it is none; rejects for a status that is no success. */
  call(options: EngineCall): Promise<unknown>;
};

const timeoutMs = 60_000;

export function engineApi(socket: string): EngineApi {
  return {
    call({ method = "GET", path, body }) {
      const text = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      const headers =
        text === undefined
          ? {}
          : {
              "content-type": Buffer.isBuffer(text) ? "application/x-tar" : "application/json",
              "content-length": Buffer.byteLength(text),
            };
      return new Promise((resolve, reject) => {
        const sent = request(
          { method, socketPath: socket, path, headers, agent: false, timeout: timeoutMs },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.once("error", reject);
            answer.once("end", () => {
              const said = Buffer.concat(chunks).toString("utf8");
              const { statusCode = 0 } = answer;
              if (statusCode < 400) resolve(jsonOr(said));
              else reject(new Error(`Cannot ${method} ${path}: ${statusCode} ${said.slice(0, 500)}`));
            });
          },
        );
        sent.once("error", reject);
        sent.once("timeout", () =>
          sent.destroy(new Error(`Cannot ${method} ${path}: no answer within ${timeoutMs} ms`)),
        );
        sent.end(text);
      });
    },
  };
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
