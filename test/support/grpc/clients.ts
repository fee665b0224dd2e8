import {
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  makeGenericClientConstructor,
  type Metadata,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { ImageServiceService, RuntimeServiceService } from "../../../src/proto/cri/v1/api.ts";
import { LogsServiceService } from "../../../src/proto/opentelemetry/proto/collector/logs/v1/logs_service.ts";
import { TraceServiceService } from "../../../src/proto/opentelemetry/proto/collector/trace/v1/trace_service.ts";

type Done<R> = (error: ServiceError | null, response: R) => void;
type Unary<Q, R> = {
  (request: Q, done: Done<R>): ClientUnaryCall;
  (request: Q, metadata: Metadata, done: Done<R>): ClientUnaryCall;
  (request: Q, metadata: Metadata, options: Partial<CallOptions>, done: Done<R>): ClientUnaryCall;
};
type Bound<D> = D extends {
  readonly responseStream: infer S;
  readonly requestSerialize: (request: infer Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => infer R;
}
  ? S extends true
    ? (request: Q) => ClientReadableStream<R>
    : Unary<Q, R>
  : never;
type ClientOf<S> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => Client & { readonly [K in keyof S]: Bound<S[K]> };

/** grpc-js's client of a service. */
function clientOf<S extends ServiceDefinition>(service: S): ClientOf<S> {
  return makeGenericClientConstructor(service, "") as unknown as ClientOf<S>;
}

/** A runtime's and its images' read-only calls, and OTLP's, as grpc-js makes them: podstamp's own code is not in the way. */
export const RuntimeServiceClient = clientOf(RuntimeServiceService);
export type RuntimeServiceClient = InstanceType<typeof RuntimeServiceClient>;
export const ImageServiceClient = clientOf(ImageServiceService);
export const TraceServiceClient = clientOf(TraceServiceService);
export const LogsServiceClient = clientOf(LogsServiceService);
