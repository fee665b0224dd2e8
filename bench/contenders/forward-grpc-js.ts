// Passes OTLP/gRPC messages on as bytes, on @grpc/grpc-js. Usage: node bench/contenders/forward-grpc-js.ts PORT SINK_PORT
import {
  Client,
  credentials,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  status,
} from "@grpc/grpc-js";
import { shapes } from "../../src/otlp/signals.ts";

const path = shapes.traces.grpcPath;
const asItIs = (bytes: Buffer) => bytes;
const method: MethodDefinition<Buffer, Buffer> = {
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asItIs,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: asItIs,
};
const options = { "grpc.max_receive_message_length": -1 };
const client = new Client(`127.0.0.1:${process.argv[3]}`, credentials.createInsecure(), options);
const server = new Server(options);
const forward: handleUnaryCall<Buffer, Buffer> = ({ request }, answer) => {
  client.makeUnaryRequest(path, asItIs, asItIs, request, (error, response) =>
    answer(error === null ? null : { code: status.UNAVAILABLE, details: error.message }, response),
  );
};
server.addService({ Export: method }, { Export: forward });
server.bindAsync(`127.0.0.1:${process.argv[2]}`, ServerCredentials.createInsecure(), () =>
  process.stdout.write("ready\n"),
);
