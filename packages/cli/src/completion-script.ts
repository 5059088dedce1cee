import type { Command } from "commander";

interface Word {
  readonly word: string;
  readonly description: string;
}

const optionWords = (command: Command): Word[] =>
  command.options.flatMap(({ long, description }) => (long ? [{ word: long, description }] : []));

const commandWords = (program: Command): Word[] =>
  program.commands.map((command) => ({ word: command.name(), description: command.description() }));

const escapeSingle = (text: string): string => text.replaceAll("'", "'\\''");

function bash(program: Command): string {
  const cases = program.commands.map(
    (command) =>
      `    ${command.name()}) words="${optionWords(command)
        .map(({ word }) => word)
        .join(" ")}" ;;`,
  );
  return `_shardlab() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commandWords(program)
      .map(({ word }) => word)
      .join(" ")} help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words --help" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _shardlab shardlab`;
}

function zsh(program: Command): string {
  const described = ({ word, description }: Word) => `'${word}:${escapeSingle(description.replaceAll(":", "\\:"))}'`;
  const cases = program.commands.map((command) => {
    const options = optionWords(command).map(
      ({ word, description }) => `'${word}[${escapeSingle(description.replaceAll(/[[\]]/g, ""))}]'`,
    );
    return `    ${command.name()}) _arguments ${options.join(" ")} '*:file:_files' ;;`;
  });
  return `#compdef shardlab
_shardlab() {
  local -a commands
  commands=(${commandWords(program).map(described).join(" ")})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _shardlab shardlab`;
}

function fish(program: Command): string {
  const lines = commandWords(program).map(
    ({ word, description }) =>
      `complete -c shardlab -n __fish_use_subcommand -a ${word} -d '${escapeSingle(description)}'`,
  );
  for (const command of program.commands) {
    for (const { word, description } of optionWords(command)) {
      const seen = `__fish_seen_subcommand_from ${command.name()}`;
      lines.push(`complete -c shardlab -n '${seen}' -l ${word.slice(2)} -d '${escapeSingle(description)}'`);
    }
  }
  return lines.join("\n");
}

const scripts = { bash, zsh, fish } as const;

/** The completion script of a shell, made from the declared commands, so that it cannot fall behind them. */
export const completionScript = (shell: keyof typeof scripts, program: Command): string => scripts[shell](program);
