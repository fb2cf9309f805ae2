import type { Command, CommandTable } from './command.js';

/** Subcommands by name. Each is loaded only when it is run, so that none delays the start of others. */
export const COMMANDS: CommandTable = new Map<string, () => Promise<Command>>([
  ['record', async () => (await import('./commands/record.js')).recordCommand],
  ['inspect', async () => (await import('./commands/inspect.js')).inspectCommand],
  ['print', async () => (await import('./commands/print.js')).printCommand],
  ['validate', async () => (await import('./commands/validate.js')).validateCommand],
  ['alert', async () => (await import('./commands/alert.js')).alertCommand],
  ['explain', async () => (await import('./commands/explain.js')).explainCommand],
  ['test', async () => (await import('./commands/test.js')).testCommand],
  ['backtest', async () => (await import('./commands/backtest.js')).backtestCommand],
  ['new-plugin', async () => (await import('./commands/new-plugin.js')).newPluginCommand],
  ['fields', async () => (await import('./commands/fields.js')).fieldsCommand],
  ['help', async () => (await import('./commands/help.js')).helpCommand(COMMANDS)],
  ['version', async () => (await import('./commands/version.js')).versionCommand],
  ['completion', async () => (await import('./commands/completion.js')).completionCommand(COMMANDS)],
]);
