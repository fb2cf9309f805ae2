import type { CommandIo } from '../../src/cli/command-io.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { usageText } from '../../src/cli/usage.js';
import { EXIT_STATUSES } from './exit-statuses.js';
import { block, NOTICE, page, tableOf } from './markdown.js';

/** The command line: flags of the processor, and the help of each subcommand. */
export async function commandsPage(): Promise<string> {
  const parts = [
    '# Command line',
    NOTICE,
    'Flags are those of the original, in the manner of Go: `-x VALUE`, `-x=VALUE`, `--x VALUE`; a switch is `-x` or `-x=false`; what follows the ' +
      'first word that is no flag is not read as one. A first word that names a command runs that instead.',
    block(await usageText(COMMANDS)),
    '## Exit status',
    tableOf(['status', 'meaning'], EXIT_STATUSES),
    'A damaged trace is not wrong for what works on its records: the pipeline, `alert`, `explain` and `backtest` tell what is lost and ' +
      'go on with the rest, and the status is 0. `inspect` and `print`, which show the trace itself, end with 1.',
    'Of a folder, each file is read once, whatever links lead to it. One that is empty, or that is no trace and is not named like ' +
      'one (`.sf`, `.sf.gz`), is passed over with a warning; any other that cannot be read makes the status 3.',
    'The status of `-test` is 1 where a run with the same flags would not start, else 0: errors in policies count only with `-strict`.',
    '`alert`, `explain`, `backtest`, `print` and `inspect` end in order on the first SIGINT or SIGTERM, with the summary of what they have ' +
      'read so far; a second one ends them at once. Where the reader of their output leaves (`| head`), a status that is certain already is ' +
      'kept: that of errors in rules, of differences, of damage, of traces that cannot be read.',
    'Of the commands, `record` ends as the recorded command does (125 where the recording failed, 126 and 127 where there is ' +
      'nothing to run), and `backtest` as `diff`: 0 without a difference, 1 with one, 3 where that is not known.',
  ];
  parts.push(...conventions());
  for (const [name, load] of COMMANDS) {
    const command = await load();
    parts.push(`## sfprocessor ${name}`, block(await helpOf(command.run)));
  }
  return page(parts);
}

/** What several commands share. */
function conventions(): string[] {
  return [
    '## Times',
    'Outputs for people and CSV have times in UTC. `--since` and `--until` take:',
    tableOf(
      ['form', 'example'],
      [
        [
          'date, or date and time, of RFC 3339; without a zone it is UTC, and a blank may stand for the `T`',
          '`2026-11-24T19:14:47.264Z`, `2026-11-24T20:14+01:00`, `2026-11-24`',
        ],
        ['seconds since 1970, with up to nine digits behind a point', '`1795547687.264`'],
        ['nanoseconds since 1970, as in JSON: a whole number of more than 15 digits', '`1795547687264000001`'],
        ['how long ago, in `d`, `h`, `m`, `s`, `ms`, `us` and `ns`', '`90m`, `1h30m`, `7d`'],
      ],
    ),
    'A record is chosen by its start: at `--since` or later, and before `--until`, exact to the nanosecond. Entities that `print` shows ' +
      'count with the time of their state; headers and containers have none and are left out then.',
    '## Limits',
    '`-n N`, `--limit N` means the same for all commands: at most N are shown, and 0 stands for all. `alert`, `explain` and `backtest` read ' +
      'on and count the rest in their summary; `print` stops reading.',
    '## Lines of text',
    'A line of the format `text` begins with date and time in UTC, so that one that `grep` finds tells its day by itself. Where the ' +
      'input is several traces, the host of the trace (`sf.node.id`) and the name of its file follow: `shop-1:web-attack.sf`.',
    '## CSV',
    '`--format csv` prints a header line and a line for each record, quoted as in RFC 4180, with `--fields` for the columns: ' +
      '[attributes](attributes.md) by their names or aliases, and for alerts `priority`, `rules` and `tags`. Times are RFC 3339 with all ' +
      'nanoseconds, lists are joined by commas, and a cell is empty where the type of record does not have the attribute. Control ' +
      "characters are escaped. Text that begins with `=`, `+`, `-`, `@` or `'` gets a `'` in front, so that no spreadsheet takes event " +
      'data for a formula.',
    '## Progress',
    'Where standard error is a terminal, work that takes longer than half a second shows a line with the traces and bytes read, the rate ' +
      'and the remaining time. It is erased at the end and never mixed with records. Nothing is shown where standard error is a file or a ' +
      'pipe, or `TERM` is `dumb`.',
    '## Completion',
    tableOf(
      ['shell', 'in its start-up file'],
      [
        ['bash', '`source <(sfprocessor completion bash)`'],
        ['zsh', '`source <(sfprocessor completion zsh)`, after `compinit`'],
        ['fish', '`sfprocessor completion fish | source`'],
      ],
    ),
  ];
}

/** What a command prints when it is asked for help. */
async function helpOf(run: (args: readonly string[], io: CommandIo) => Promise<number>): Promise<string> {
  let text = '';
  const add = (piece: string | Buffer): undefined => {
    text += piece;
  };
  await run(['-h'], {
    out: add,
    print: add,
    err: add,
    report: () => {},
    color: false,
    note: () => {},
    stopSignal: () => new AbortController().signal,
  });
  return text;
}
