import type { ComponentType } from "../config/component-type.ts";
import type { Factories } from "../pipeline/graph/factory.ts";
import { signals as allSignals } from "../otlp/signals.ts";
import { readArgs } from "./terminal/args.ts";
import { exitCode, table } from "./terminal/output.ts";
import type { Io } from "./terminal/output.ts";
import { shapes } from "./terminal/shapes.ts";

type Options = { readonly components: Factories; readonly version: string };

/** `podstamp components`: what a configuration can be made of. */
export function listComponents(argv: readonly string[], io: Io, { components, version }: Options): number {
  const args = readArgs(argv, shapes.components);
  const format = args.text("output") ?? "table";
  io.out(format === "json" ? asJson(components, version) : asTable(components));
  return exitCode.ok;
}

function asTable(components: Factories): string {
  const section = (title: string, types: readonly ComponentType[]) => [
    [title, types.some(({ signals }) => signals.length > 0) ? "signals" : "", "stability", "also known as"],
    ...types.map(row),
    [""],
  ];
  return table([
    ...section("RECEIVERS", components.receivers),
    ...section("PROCESSORS", components.processors),
    ...section("EXPORTERS", components.exporters),
    ...section("EXTENSIONS", components.extensions).slice(0, -1),
  ]);
}

function row({ type, signals, stability, aliases }: ComponentType): readonly string[] {
  return [
    `  ${type}`,
    signalsText(signals),
    stability,
    aliases.map((alias) => `${alias.name}${alias.deprecated === true ? " (deprecated)" : ""}`).join(", "),
  ];
}

/** Short, so that the table fits a terminal: "all", "not profiles", or those that there are. */
function signalsText(signals: readonly string[]): string {
  const missing = allSignals.filter((signal) => !signals.includes(signal));
  if (missing.length === 0) return "all";
  return missing.length === 1 ? `not ${missing.join("")}` : signals.join(",");
}

function asJson(components: Factories, version: string): string {
  const facts = ({ type, signals, stability, aliases, summary }: ComponentType) => ({
    name: type,
    aliases,
    signals,
    stability,
    summary,
  });
  const { receivers, processors, exporters, extensions } = components;
  const sections = {
    receivers: receivers.map(facts),
    processors: processors.map(facts),
    exporters: exporters.map(facts),
    extensions: extensions.map(facts),
  };
  return `${JSON.stringify({ buildinfo: { command: "podstamp", version }, ...sections }, undefined, 2)}\n`;
}
