import type { Setting } from '../components/options.js';

/** The options of the policy engine. */
export interface EngineOptionValues {
  readonly policies: readonly Setting[] | null;
  readonly mode: 'alert' | 'enrich' | 'bypass';
  readonly language: 'sysflow';
  readonly config: string | null;
  readonly strict: boolean;
  readonly monitor: 'none' | 'local';
  readonly 'monitor.interval': number;
  readonly concurrency: number;
  readonly actiondir: string;
}
