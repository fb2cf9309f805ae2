/** The processor itself: reads the pipeline file, starts the inflater thread, and loads everything else while it starts. */
import { loadPipeline } from '../config/load.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { printable } from '../diagnostics/format.js';
import { nearestName } from '../diagnostics/nearest.js';
import { prepareInput } from '../pipeline/input.js';
import { LOG_LEVELS, Logger, type LogLevel } from '../telemetry/logger.js';
import { availableProcessors } from './processors.js';
import { profilesOf, type RunIo, type RunRequest, textFlag } from './run-request.js';

/** Runs the processor; gives the exit status: 0 fine, 1 the configuration is wrong, 3 failed while running. */
export async function run(request: RunRequest, io: RunIo): Promise<number> {
  const level = (textFlag(request, 'log') ?? 'info').toLowerCase();
  if (!isLogLevel(level)) {
    const near = nearestName(level, LOG_LEVELS);
    const hint = near === undefined ? `the levels are ${LOG_LEVELS.join(', ')}` : `did you mean '${near}'?`;
    io.err(`there is no log level '${level}'; ${hint}\n`);
    return 1;
  }
  const accel = io.process.env.SFPROCESSOR_ACCEL ?? 'on';
  if (accel !== 'on' && accel !== 'off') {
    io.err(`SFPROCESSOR_ACCEL is '${printable(accel)}'; the values are on and off\n`);
    return 1;
  }
  const logger = new Logger(level, io.err, Date.now);
  for (const word of request.unread) {
    const why = word.startsWith('-') ? 'flags come before the path' : 'there is one path';
    logger.log('warn', `'${printable(word)}' is not read: ${why}`);
  }
  const file = textFlag(request, 'config') ?? 'pipeline.json';
  const found = new Diagnostics();
  const tree = await loadPipeline(file, { environment: io.process.env, driver: textFlag(request, 'driver') }, found);
  const isProfiled = Object.values(profilesOf(request)).some((path) => path !== null);
  const input =
    tree === null || found.hasErrors || request.test || request.path === null
      ? null
      : prepareInput({
          tree,
          path: request.path,
          // A profile is that of one thread.
          threads: isProfiled || request.space.accelerated === 0 ? 1 : availableProcessors(),
          inflaterEntry: new URL('./trace-inflater-thread.js', import.meta.url),
        });
  const { runPipeline } = await import('./run-pipeline.js');
  return runPipeline(
    { request, accelerated: accel === 'off' ? 0 : request.space.accelerated, file, tree, problems: found, input },
    io,
    logger,
  );
}

function isLogLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word);
}
