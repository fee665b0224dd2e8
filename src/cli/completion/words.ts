import { helpOption } from "../terminal/args.ts";
import { helpTexts } from "../help/help.ts";
import { commands, type Positional, type Option, type Shape, leadingOptions, shapes } from "../terminal/shapes.ts";

/** What completes a value. */
export type Completed = Pick<Option, "values" | "path">;

/** A command as a shell completes it; name "" is running. */
export type CommandWords = {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly options: readonly (Option & { readonly name: string })[];
  readonly positionals: readonly Positional[];
};

const named = commands.filter((name) => name !== "");

/** All that can be completed. */
export const words: readonly CommandWords[] = [
  ...commands.map((name) => wordsOf(name, helpTexts[name], shapes[name])),
  wordsOf("help", "Shows what a command does.", {
    options: {},
    positionals: [{ name: "COMMAND", values: named }],
  }),
  wordsOf("version", "Shows the version.", { options: {} }),
];

function wordsOf(name: string, text: string, { options, positionals = [] }: Shape): CommandWords {
  // That of running is the usage of everything.
  const own: Shape["options"] =
    name === "" ? { ...options, ...leadingOptions, version: { type: "boolean", short: "v" } } : options;
  return {
    name,
    summary: /^[^.:]*/.exec(text)?.[0].replace(/\s+/g, " ") ?? "",
    options: Object.entries({ ...own, ...helpOption }).map(([option, shape]) => ({ name: option, ...shape })),
    positionals,
  };
}

/** How an option can be written: -o, --output. */
export function spellings({ name, short }: { readonly name: string; readonly short?: string }): readonly string[] {
  return [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
}

/** How the options are written that may stand before the command. */
export const leadingSpellings = Object.entries(leadingOptions).flatMap(([name, option]) =>
  spellings({ name, ...option }),
);
