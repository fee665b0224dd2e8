import { expect, test } from "vitest";
import { newId } from "../../support/cri/answers.ts";
import { eventually } from "../../support/eventually.ts";
import { lendAgent, lendJaeger, lendRuntime, lendSender } from "../../support/lend.ts";
import { findTool } from "../../support/machine/tools.ts";

test(
  "Jaeger finds a trace that knew only its container by the name of the pod",
  { timeout: 60_000 },
  async ({ skip }) => {
    const program = findTool("jaeger");
    if (program === undefined) return skip("Jaeger is not built here: test/tools/build.sh jaeger");
    const container = newId();
    const runtime = await lendRuntime({
      pods: [{ name: "checkout-1", namespace: "pay", containers: [{ id: container, name: "checkout" }] }],
    });
    const jaeger = await lendJaeger(program);
    const agent = await lendAgent({
      runtime: runtime.endpoint,
      sink: jaeger.otlp,
      processors: ["cri_attributes", "batch"],
    });
    await lendSender(agent.grpc).spanOf(container, "charge");

    const tags = encodeURIComponent(JSON.stringify({ "k8s.pod.name": "checkout-1" }));
    const ask = async (): Promise<unknown> =>
      (await fetch(`http://${jaeger.query}/api/traces?service=test&tags=${tags}`)).json();
    const found = await eventually(async () => JSON.stringify(await ask()).includes('"charge"') && ask(), {
      what: "the trace in Jaeger",
    });
    expect(JSON.stringify(found)).toContain('"key":"k8s.namespace.name","type":"string","value":"pay"');
  },
);
