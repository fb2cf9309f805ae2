/** The flags of the processor, as in the original. */
import { LOG_LEVELS } from '../telemetry/logger.js';
import type { FlagSpec } from './go-flags.js';

export interface FlagHelp extends FlagSpec {
  readonly default: string;
  /** The permitted values, if they are limited. */
  readonly choices?: readonly string[];
  readonly description: string;
}

export const FLAGS: readonly FlagHelp[] = [
  {
    name: 'driver',
    type: 'text',
    default: '',
    description: 'what reads the records: file, or a driver of the pipeline file; default: its drivers, else file',
  },
  { name: 'config', type: 'text', default: 'pipeline.json', description: 'the pipeline file' },
  {
    name: 'log',
    type: 'text',
    default: 'info',
    choices: LOG_LEVELS,
    description: 'log level: trace, info, warn, error, health or quiet',
  },
  {
    name: 'perflog',
    type: 'switch',
    default: 'false',
    description: 'log rates every 15 s, and what each rule matched',
  },
  {
    name: 'driverdir',
    type: 'text',
    default: '../resources/drivers',
    description: 'the folder of driver plugins (ES modules); the default lies beside the program',
  },
  {
    name: 'plugdir',
    type: 'text',
    default: '../resources/plugins',
    description: 'the folder of all other plugins, likewise',
  },
  {
    name: 'strict',
    type: 'switch',
    default: 'false',
    description: 'refuse to start where a rule or policy file has an error',
  },
  {
    name: 'test',
    type: 'switch',
    default: 'false',
    description: 'check the pipeline and the rules, report what cannot work, and exit',
  },
  { name: 'version', type: 'switch', default: 'false', description: 'print the version and exit' },
  { name: 'cpuprofile', type: 'text', default: '', description: 'write a CPU profile for Chrome DevTools to a file' },
  { name: 'memprofile', type: 'text', default: '', description: 'write a heap profile for Chrome DevTools to a file' },
  {
    name: 'traceprofile',
    type: 'text',
    default: '',
    description: 'write a trace of the runtime for Chrome DevTools to a file',
  },
];
