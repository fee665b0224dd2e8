import { bare, native } from "../contenders/all.ts";
import { inTurn, plain } from "../stage/measure.ts";
import { makeRequest } from "../load/requests.ts";
import { createStage } from "../stage/stage.ts";
import { ratio } from "../tables/table.ts";
import type { Section } from "./section.ts";

const spans = 100;

/** The same 100 spans, however they are written on their way in. */
export const encodingsSection: Section = async ({ rounds, part, say }) => {
  await using stage = await createStage(bare, [native]);
  const request = makeRequest({ spans, ids: "resource", containerIds: stage.containerIds });
  const rows: string[][] = [];
  let first: number | undefined;
  for (const [how, format] of [
    ["grpc", "protobuf"],
    ["http", "protobuf"],
    ["http", "json"],
  ] as const) {
    for (const compression of ["none", "gzip", "zstd"] as const) {
      const name = `${how === "grpc" ? "gRPC" : "HTTP"} ${format} ${compression}`;
      const work = { ...plain, name, request, items: spans, requests: 2000 * part, how, format, compression };
      const [cost] = await inTurn(stage, work, rounds);
      if (cost === undefined) continue;
      first ??= cost.microsPerRequest;
      say(`${name}: ${cost.microsPerRequest.toFixed(0)} us`);
      rows.push([
        how === "grpc" ? "gRPC" : "HTTP",
        format,
        compression,
        cost.microsPerRequest.toFixed(0),
        ratio(cost.microsPerRequest, first),
      ]);
    }
  }
  return {
    tables: [
      {
        title: "Encodings",
        about: "CPU per request of 100 spans through podstamp by how it comes in; it leaves over gRPC, not compressed.",
        columns: ["over", "format", "compression", "us/request", "x plain gRPC"],
        rows,
      },
    ],
    verdicts: [],
  };
};
