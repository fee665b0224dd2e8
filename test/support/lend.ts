import { onTestFinished } from "vitest";
import { type CriServer, type CriServerOptions, startCriServer } from "./cri/server.ts";
import { type Jaeger, startJaeger } from "./otlp/jaeger.ts";
import { type Agent, type AgentOptions, startAgent } from "./agent/podstamp.ts";
import { createSender, type Sender } from "./otlp/sender.ts";
import { type Sink, startSink } from "./otlp/sink.ts";

/** A runtime of ours for one test. */
export async function lendRuntime(options?: CriServerOptions): Promise<CriServer> {
  const runtime = await startCriServer(options);
  onTestFinished(() => runtime.close());
  return runtime;
}

/** A backend for one test. */
export async function lendSink(port?: number, host?: string, network?: string): Promise<Sink> {
  const sink = await startSink(port, host, network);
  onTestFinished(() => sink.stop());
  return sink;
}

/** podstamp as a process, for one test. */
export async function lendAgent(options: AgentOptions): Promise<Agent> {
  const agent = await startAgent(options);
  onTestFinished(async () => {
    await agent.stop();
  });
  return agent;
}

/** A Jaeger for one test. */
export async function lendJaeger(program: string): Promise<Jaeger> {
  const jaeger = await startJaeger(program);
  onTestFinished(() => jaeger.stop());
  return jaeger;
}

/** A sender for one test. */
export function lendSender(address: string): Sender {
  const sender = createSender(address);
  onTestFinished(() => sender.close());
  return sender;
}
