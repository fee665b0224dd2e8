import { type CommandWords, type Completed, leadingSpellings } from "./words.ts";

/** The script for fish. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, options, positionals }) => {
    const when = name === "" ? "__podstamp_needs_command" : `__fish_seen_subcommand_from ${name}`;
    const start = `complete -c podstamp -n ${quoted(when)}`;
    return [
      ...(name === ""
        ? []
        : [`complete -c podstamp -n __podstamp_needs_command -f -a ${quoted(name)} -d ${quoted(summary)}`]),
      ...options.map(({ name: long, short, type, ...value }) =>
        [
          start,
          ...(short === undefined ? [] : [`-s ${short}`]),
          `-l ${long}`,
          ...(type === "string" ? [`-r ${offer(value)}`] : []),
        ].join(" "),
      ),
      // It has no notion of their order; none of ours has more than one that can be completed.
      ...positionals.filter(({ values, path }) => values ?? path).map((positional) => `${start} ${offer(positional)}`),
    ];
  });
  return `# Completion of podstamp's command line for fish: podstamp completion fish | source
function __podstamp_needs_command
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case ${leadingSpellings.join(" ")}
        set -e words[1]
      case '-*'
      case '*'
        return 1
    end
    set -e words[1]
  end
end
complete -c podstamp -f
${lines.join("\n")}
`;
}

function offer({ values, path }: Completed): string {
  if (values !== undefined) return `-f -a ${quoted(values.join(" "))}`;
  if (path === undefined) return "-f";
  return path === "file" ? "-F" : `-f -a '(__fish_complete_directories)'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
