import { signals } from "../../src/otlp/signals.ts";
import { bare, native } from "../contenders/all.ts";
import { inTurn, plain } from "../stage/measure.ts";
import { makeSignalRequest } from "../load/signal-requests.ts";
import { createStage } from "../stage/stage.ts";
import { atMost, type Section } from "./section.ts";

/** The four signals in requests as large as one of 100 spans. */
export const signalsSection: Section = async ({ rounds, part, say }) => {
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (const ids of ["resource", "records"] as const) {
    await using stage = await createStage({ ...bare, ids }, [native]);
    let traces = Number.NaN;
    for (const signal of signals) {
      const containerIds = stage.containerIds.slice(0, 20);
      const { bytes: request, items } = makeSignalRequest({ signal, bytes: 49_000, ids, containerIds });
      const name = `${signal}, IDs on ${ids}`;
      const [cost] = await inTurn(stage, { ...plain, name, signal, request, items, requests: 4000 * part }, rounds);
      if (cost === undefined) continue;
      const perByte = cost.microsPerRequest / request.length;
      if (signal === "traces") traces = perByte;
      ratios.push(perByte / traces);
      say(`${name}: ${cost.microsPerRequest.toFixed(0)} us`);
      rows.push([
        signal,
        ids,
        String(items),
        String(request.length),
        cost.microsPerRequest.toFixed(0),
        (perByte / traces).toFixed(2),
      ]);
    }
  }
  return {
    tables: [
      {
        title: "The four signals",
        about: "CPU per request through podstamp, requests of the same size.",
        columns: ["signal", "IDs on", "items", "bytes", "us/request", "x traces per byte"],
        rows,
      },
    ],
    verdicts: [atMost("CPU per byte of the most expensive signal / of traces", Math.max(...ratios), 2)],
  };
};
