import { type CommandWords, type Completed, leadingSpellings, spellings } from "./words.ts";

/** The script for bash, which needs no other package. */
export function bashScript(commands: readonly CommandWords[]): string {
  const options = commands.map(({ name, options: own }) => {
    const all = own.map((option) => `--${option.name}`);
    const taking = own.filter(({ type }) => type === "string").flatMap(spellings);
    return `    ${quoted(name)}) options=${quoted(all.join(" "))} taking=${quoted(` ${taking.join(" ")} `)} ;;`;
  });
  const values = commands.flatMap(({ name, options: own }) =>
    own.flatMap((option) => offerFor(name, spellings(option), option)),
  );
  const positionals = commands.flatMap(({ name, positionals: own }) =>
    own.flatMap((positional, at) => offerFor(name, [String(at)], positional)),
  );
  return `# Completion of podstamp's command line for bash: source <(podstamp completion bash)
_podstamp_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_podstamp_paths() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen "$1" -- "$cur"); }
_podstamp() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= options= taking= word i first=0 at=0
  local -a words=()
  COMPREPLY=()
  # Readline parts unix:///run/x.sock at the ":".
  for ((i = 1; i < COMP_CWORD; i++)); do
    if ((i > 1)) && [[ \${COMP_WORDS[i]} == : || \${COMP_WORDS[i - 1]} == : ]]; then
      words[\${#words[@]}-1]+=\${COMP_WORDS[i]}
    else
      words+=("\${COMP_WORDS[i]}")
    fi
  done
  while [[ ${quoted(` ${leadingSpellings.join(" ")} `)} == *" \${words[first]} "* ]]; do
    [[ \${words[first + 1]} != = ]] || ((first++))
    ((first += 2))
  done
  # Readline parts --output=json at the "=".
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if ((first == \${#words[@]})) && [[ $cur != -* ]]; then
    _podstamp_words ${quoted(namesOf(commands).join(" "))}
    return
  fi
  if [[ \${words[first]} != -* ]]; then command=\${words[first]}; fi
  case $command in
${options.join("\n")}
  esac
  if [[ $taking == *" $prev "* ]]; then
    case "$command $prev" in
${values.join("\n")}
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    _podstamp_words "$options"
    return
  fi
  for ((i = first + 1; i < \${#words[@]}; i++)); do
    word=\${words[i]}
    if [[ $taking == *" $word "* ]]; then
      [[ \${words[i + 1]} != = ]] || ((i++))
      ((i++))
    elif [[ $word != -* ]]; then
      ((at++))
    fi
  done
  case "$command $at" in
${[...positionals, `    *) _podstamp_words "$options" ;;`].join("\n")}
  esac
}
complete -F _podstamp podstamp
`;
}

function namesOf(commands: readonly CommandWords[]): readonly string[] {
  return commands.map(({ name }) => name).filter((name) => name !== "");
}

/** The case in which a value is completed; none where nothing does. */
function offerFor(command: string, words: readonly string[], { values, path }: Completed): readonly string[] {
  if (values === undefined && path === undefined) return [];
  const pattern = words.map((word) => quoted(`${command} ${word}`)).join(" | ");
  const offer =
    values === undefined
      ? `_podstamp_paths ${path === "file" ? "-f" : "-d"}`
      : `_podstamp_words ${quoted(values.join(" "))}`;
  return [`    ${pattern}) ${offer} ;;`];
}

function quoted(text: string): string {
  return `'${text}'`;
}
