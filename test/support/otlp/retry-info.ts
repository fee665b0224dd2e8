import { BinaryWriter } from "@bufbuild/protobuf/wire";

/** google.rpc.Status {code = 1, details = 3: Any {type_url = 1, value = 2: RetryInfo {retry_delay = 1: Duration {seconds = 1, nanos = 2}}}}. */
export function statusWithRetryInfo(code: number, retryAfterMs: number): Buffer {
  const delay = new BinaryWriter()
    .uint32(8)
    .int64(Math.floor(retryAfterMs / 1000))
    .uint32(16)
    .int32((retryAfterMs % 1000) * 1_000_000)
    .finish();
  const retryInfo = new BinaryWriter().uint32(10).bytes(delay).finish();
  const any = new BinaryWriter()
    .uint32(10)
    .string("type.googleapis.com/google.rpc.RetryInfo")
    .uint32(18)
    .bytes(retryInfo)
    .finish();
  return Buffer.from(new BinaryWriter().uint32(8).int32(code).uint32(26).bytes(any).finish());
}
