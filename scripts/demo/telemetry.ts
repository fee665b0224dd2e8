import { fileURLToPath } from "node:url";
import type { Attributes } from "../../test/support/otlp/plain.ts";
import { startProcess } from "../../test/support/machine/processes.ts";
import type { Received, Sink } from "../../test/support/otlp/sink.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Subject } from "./subject.ts";

const app = fileURLToPath(new URL("app.ts", import.meta.url));
const appTimeoutMs = 20_000;

/** What the applications of the demo send under each resource. */
export const sentSpans = 2;
export const sentLogs = 1;

/** The resource as the SDK sends it, apart from what the SDK says about itself. */
export function sentResource(subject: Subject): Attributes {
  return { "service.name": subject.service, "container.id": subject.containerId };
}

/** Runs the application of each subject, all at once; rejects with its output when one fails. */
export async function runApps(endpoint: string, subjects: readonly Subject[], cleanup: Cleanup): Promise<void> {
  await Promise.all(
    subjects.map(async ({ service, containerId }) => {
      const running = await startProcess({
        name: service,
        command: process.execPath,
        args: [app, endpoint, service, containerId],
      });
      cleanup.add(service, () => running.stop(0));
      const timer = setTimeout(() => running.signal("SIGKILL"), appTimeoutMs);
      const { code } = await running.exited;
      clearTimeout(timer);
      if (code !== 0)
        throw new Error(
          `Cannot send telemetry of ${service}: its process ended with code ${code}\n${running.output()}`,
        );
    }),
  );
}

/** Waits until everything that a subject's application sent has arrived. */
export async function arrivedOf(subject: Subject, sink: Sink): Promise<readonly Received[]> {
  const mine = () => sink.received().filter((record) => record.resource["service.name"] === subject.service);
  const isComplete = () => mine().length >= sentSpans + sentLogs;
  await sink.waitFor(isComplete, `${sentSpans} spans and ${sentLogs} log record of ${subject.service}`, 20_000);
  return mine();
}
