import { resourcePath } from '../config/resources.js';
import type { TableOption } from './option-table.js';
import type { ParsedOptions } from './options.js';

/** The option that names policies. */
export const POLICY_OPTION: TableOption = {
  letter: 'p',
  value: 'POLICY',
  description:
    'Rules: a file or a folder of files; may be given more than once. Default: the rules that ship with the program',
};

/** Returns the paths of {@link POLICY_OPTION}. */
export function policyPaths(options: ParsedOptions): readonly string[] {
  return options.all.get('policy') ?? [resourcePath('policies')];
}
