import { type Channel, type Client, type ClientOptions, credentials } from "@grpc/grpc-js";

type ClientClass<C extends Client> = new (
  address: string,
  creds: ReturnType<typeof credentials.createInsecure>,
  options: ClientOptions,
) => C;

/** A client of one more service on a channel that is there already. */
export function clientOn<C extends Client>(service: ClientClass<C>, channel: Channel): C {
  return new service(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel });
}
