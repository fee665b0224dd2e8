// The floor to compare with: passes OTLP/gRPC messages on as bytes, on node:http2. Usage: node bench/contenders/forward-http2.ts PORT SINK_PORT
import { connect, createServer } from "node:http2";
import { exportHeaders, settings, windowBytes } from "../load/wire.ts";

const answer = Buffer.alloc(5);
const client = connect(`http://127.0.0.1:${process.argv[3]}`, { settings });
client.on("connect", () => client.setLocalWindowSize(windowBytes));

const server = createServer({ settings });
server.on("session", (session) => session.setLocalWindowSize(windowBytes));
server.on("stream", (stream, headers) => {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => {
    const request = client.request(exportHeaders(headers[":path"] ?? ""));
    request.on("data", () => undefined);
    request.on("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(answer);
    });
    request.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.stdout.write("ready\n"));
