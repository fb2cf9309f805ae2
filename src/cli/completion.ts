/** Generates shell completion scripts from the tables of commands, options and flags. */
import type { Command } from './command.js';
import type { FlagHelp } from './flags.js';
import { HELP_OPTION, type TableOption } from './option-table.js';

/** Generates a script. */
type ScriptMaker = (commands: readonly Command[], flags: readonly FlagHelp[]) => string;

/** Option values that are paths. */
const PATH_VALUES: ReadonlySet<string> = new Set(['FILE', 'FOLDER', 'POLICY']);

/** Completion of a value: from a list of words, as a path, or none. */
type Values = readonly string[] | 'files' | 'none';

function valuesOf({ value, choices }: TableOption): Values {
  return choices ?? (PATH_VALUES.has(value ?? '') ? 'files' : 'none');
}

function optionsOf(command: Command): [name: string, option: TableOption][] {
  return Object.entries({ ...command.options, ...HELP_OPTION });
}

/** Returns the spellings of a command's options: `--policy`, `-p`, … */
function optionWords([name, { letter }]: [string, TableOption]): string[] {
  return letter === undefined ? [`--${name}`] : [`--${name}`, `-${letter}`];
}

function wordsOf({ words }: Command): readonly string[] {
  return Array.isArray(words) ? words : [];
}

/** Quotes a word for a shell, in single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** If the script proposes nothing, bash completes file names (`-o default`). */
function bashScript(commands: readonly Command[], flags: readonly FlagHelp[]): string {
  const flagNames = flags.map(({ name }) => `-${name}`).join(' ');
  const valueCases = [
    ...commands.flatMap((command) =>
      optionsOf(command)
        .filter(([, { value }]) => value !== undefined)
        .map(([name, option]) => {
          const patterns = optionWords([name, option]).map((word) => quote(`${command.name} ${word}`));
          return `${patterns.join(' | ')}) words=${quote((option.choices ?? []).join(' '))} ;;`;
        }),
    ),
    ...flags
      .filter(({ type }) => type === 'text')
      .map(({ name, choices = [] }) => `*' -${name}' | *' --${name}') words=${quote(choices.join(' '))} ;;`),
  ];
  const wordCases = commands.map((command) => {
    const options = optionsOf(command).flatMap(optionWords).join(' ');
    return `${command.name}) options=${quote(options)} words=${quote(wordsOf(command).join(' '))} ;;`;
  });
  return `# bash completion of sfprocessor: source <(sfprocessor completion bash)
_sfprocessor() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  local options=${quote(flagNames)} words=''
  # --option=value is three words for bash
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$command $prev" in
    ${valueCases.join('\n    ')}
    *)
      if [[ $COMP_CWORD -eq 1 ]]; then
        words=${quote(commands.map(({ name }) => name).join(' '))}
      else
        case $command in
          ${wordCases.join('\n          ')}
        esac
      fi
      [[ $cur == -* ]] && words=$options
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _sfprocessor sfprocessor
`;
}

function zshScript(commands: readonly Command[], flags: readonly FlagHelp[]): string {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', '\\:')}`)}`);
  const cases = commands.map((command) => {
    const specs = optionsOf(command).flatMap((option) => zshOption(option));
    const { words } = command;
    if (words === 'files') specs.push("'*:file:_files'");
    else if (words !== undefined) specs.push(quote(`*:word:(${words.join(' ')})`));
    return `    ${command.name})\n      _arguments ${specs.join(' \\\n        ')}\n      ;;`;
  });
  const flagSpecs = flags.map(({ name, type, choices, description }) => {
    const values = type === 'switch' ? '' : `:value:${choices === undefined ? '_files' : `(${choices.join(' ')})`}`;
    return quote(`-${name}[${zshText(description)}]${values}`);
  });
  return `#compdef sfprocessor
# zsh completion of sfprocessor: source <(sfprocessor completion zsh)
_sfprocessor() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands
    _files
    return
  fi
  local command=$words[2]
  if (( $commands[(I)$command:*] )); then
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join('\n')}
    *)
      _arguments ${[...flagSpecs, "'*:trace:_files'"].join(' \\\n        ')}
      ;;
  esac
}
if [[ $funcstack[1] == _sfprocessor ]]; then
  _sfprocessor "$@"
else
  compdef _sfprocessor sfprocessor
fi
`;
}

function zshOption([name, option]: [string, TableOption]): string[] {
  const values = valuesOf(option);
  const text = zshText(option.description);
  if (option.value === undefined) return optionWords([name, option]).map((word) => quote(`*${word}[${text}]`));
  const action = values === 'files' ? '_files' : values === 'none' ? ' ' : `(${values.join(' ')})`;
  const value = `[${text}]:${option.value.replaceAll(':', '\\:')}:${action}`;
  const long = quote(`*--${name}=${value}`);
  return option.letter === undefined ? [long] : [long, quote(`*-${option.letter}+${value}`)];
}

/** Escapes a description for `_arguments`. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function fishScript(commands: readonly Command[], flags: readonly FlagHelp[]): string {
  const lines = [
    '# fish completion of sfprocessor: sfprocessor completion fish | source',
    'function __sfprocessor_command',
    '  set -l words (commandline -opc)',
    '  test (count $words) -gt 1; and contains -- $words[2] $argv',
    'end',
  ];
  const none = `not __sfprocessor_command ${commands.map(({ name }) => name).join(' ')}`;
  const add = (condition: string, rest: string, description: string): void => {
    lines.push(`complete -c sfprocessor -n ${fishQuote(condition)} ${rest} -d ${fishQuote(description)}`);
  };
  for (const { name, summary } of commands) add('test (count (commandline -opc)) -eq 1', `-a ${name}`, summary);
  for (const { name, type, choices, description } of flags) {
    const values = choices === undefined ? '-r -F' : `-x -a ${fishQuote(choices.join(' '))}`;
    add(none, type === 'switch' ? `-o ${name}` : `-o ${name} ${values}`, description);
  }
  for (const command of commands) {
    const condition = `__sfprocessor_command ${command.name}`;
    for (const [name, option] of optionsOf(command)) {
      const letter = option.letter === undefined ? '' : ` -s ${option.letter}`;
      add(condition, `-l ${name}${letter}${option.value === undefined ? '' : fishValues(option)}`, option.description);
    }
    const words = wordsOf(command);
    if (command.words !== 'files') lines.push(`complete -c sfprocessor -n ${fishQuote(condition)} -f`);
    if (words.length > 0) add(condition, `-a ${fishQuote(words.join(' '))}`, '');
  }
  return `${lines.join('\n')}\n`;
}

function fishValues(option: TableOption): string {
  const values = valuesOf(option);
  if (values === 'files') return ' -r -F';
  return values === 'none' ? ' -x' : ` -x -a ${fishQuote(values.join(' '))}`;
}

function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Script generators by shell. */
export const COMPLETION_SCRIPTS: ReadonlyMap<string, ScriptMaker> = new Map<string, ScriptMaker>([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);
