import { type CommandWords, type Completed, leadingSpellings, spellings } from "./words.ts";

/** The script for zsh: to be sourced, or a file _podstamp in a folder of $fpath. */
export function zshScript(commands: readonly CommandWords[]): string {
  const named = commands.filter(({ name }) => name !== "");
  const cases = commands.map(
    ({ name, options, positionals }) =>
      `    ${quoted(name)})
      _arguments -S \\
        ${[...options.flatMap(optionSpecs), ...positionals.map((each) => `:${each.name}:${action(each)}`)].map(quoted).join(" \\\n        ")}
      ;;`,
  );
  return `#compdef podstamp
# Completion of podstamp's command line for zsh: source <(podstamp completion zsh)
_podstamp() {
  local command=
  local -a commands=(
${named.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  local -a leading=(${leadingSpellings.join(" ")})
  while (( CURRENT > 2 )) && (( $leading[(Ie)\${words[2]%%=*}] )); do
    if [[ $words[2] == *=* ]]; then
      words[2]=()
      (( CURRENT-- ))
    elif (( CURRENT > 3 )); then
      words[2,3]=()
      (( CURRENT -= 2 ))
    else
      break
    fi
  done
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _podstamp ]]; then _podstamp "$@"; else compdef _podstamp podstamp; fi
`;
}

function optionSpecs(option: CommandWords["options"][number]): readonly string[] {
  const all = spellings(option);
  // Given once, neither spelling is offered again.
  const before = option.multiple === true ? "*" : `(${all.join(" ")})`;
  return all.map((word) => {
    if (option.type === "boolean") return `${before}${word}`;
    return `${before}${word}${word.startsWith("--") ? "=" : "+"}:${option.name}:${action(option)}`;
  });
}

function action({ values, path }: Completed): string {
  if (values !== undefined) return `(${values.join(" ")})`;
  if (path === undefined) return " ";
  return path === "file" ? "_files" : "_files -/";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
