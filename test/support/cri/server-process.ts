/* A runtime of ours as a process of its own, which can be stopped by a signal: takes CriServerOptions as JSON, writes its endpoint. */
import { startCriServer } from "./server.ts";

const server = await startCriServer(JSON.parse(process.argv[2] ?? "{}"));
process.stdout.write(`${server.endpoint}\n`);
