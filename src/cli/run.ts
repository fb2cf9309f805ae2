/** Runs the processor: reads the pipeline file, starts the inflater thread, and loads other modules in the meantime. */
import { loadPipelineText, readPipelineSource } from '../config/load.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import { createDrivers } from '../pipeline/prepare.js';
import { LOG_LEVELS, Logger, type LogLevel } from '../telemetry/logger.js';
import { loadRunPlugins } from './plugins.js';
import { availableProcessors } from './processors.js';
import { profilesOf, type RunIo, type RunRequest, textFlag } from './run-request.js';
import { standardInput } from './standard-input.js';

/** Level names of other programs, mapped to the nearest level of this one. */
const FOREIGN_LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'trace',
  verbose: 'trace',
  warning: 'warn',
  critical: 'error',
  fatal: 'error',
  none: 'quiet',
  off: 'quiet',
  silent: 'quiet',
};

/** Runs the processor; returns the exit status: 0 success, 1 a configuration error, 3 a failure while running. */
export async function run(request: RunRequest, io: RunIo): Promise<number> {
  const level = (textFlag(request, 'log') ?? 'info').toLowerCase();
  if (!isLogLevel(level)) {
    const near = nearestName(level, [...LOG_LEVELS, ...Object.keys(FOREIGN_LEVELS)]);
    const meant = near === undefined ? undefined : (FOREIGN_LEVELS[near] ?? near);
    const hint = meant === undefined ? `the levels are ${LOG_LEVELS.join(', ')}` : `did you mean '${meant}'?`;
    io.err(`unknown log level '${level}'; ${hint}\n`);
    return 2;
  }
  if (request.path === '') {
    io.err('the path is empty');
    return 2;
  }
  const accel = io.process.env.SFPROCESSOR_ACCEL ?? 'on';
  if (accel !== 'on' && accel !== 'off') {
    io.err(`SFPROCESSOR_ACCEL is '${accel}'; the values are on and off`);
    return 1;
  }
  const logger = new Logger(level, (line) => io.err(line), Date.now);
  for (const word of request.unread) {
    const why = word.startsWith('-') ? 'flags must precede the path' : 'only one path is allowed';
    logger.log('warn', `'${word}' is ignored: ${why}`);
  }
  const file = textFlag(request, 'config') ?? 'pipeline.json';
  const found = new Diagnostics();
  const source = readPipelineSource(file, found);
  const { components, problems } = await loadRunPlugins(request, source, logger, found);
  const settings = {
    components,
    environment: io.process.env,
    driver: textFlag(request, 'driver'),
    path: request.path,
  };
  const tree = source === null ? null : await loadPipelineText(source, settings, found);
  const isProfiled = Object.values(profilesOf(request)).some((path) => path !== null);
  const drivers =
    tree === null || found.hasErrors || request.test || request.path === null
      ? null
      : createDrivers(tree.drivers, request.path, {
          // A profile covers one thread.
          threads: isProfiled || request.space.accelerated === 0 ? 1 : availableProcessors(),
          inflaterEntry: new URL('./trace-inflater-thread.js', import.meta.url),
          stdin: standardInput,
          now: Date.now,
        });
  const { runPipeline } = await import('./run-pipeline.js');
  return runPipeline(
    {
      request,
      components,
      plugins: problems ?? undefined,
      accelerated: accel === 'off' ? 0 : request.space.accelerated,
      file,
      tree,
      problems: found,
      drivers,
    },
    io,
    logger,
  );
}

function isLogLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word);
}
