import type { RuleLanguage } from './language.js';
import { sysflowLanguage } from './sysflow/language.js';

/**
 * All languages of rules; a new one is a folder and a line here. A text belongs to the first one that claims it, so the last
 * one must claim every text.
 */
export const LANGUAGES: readonly RuleLanguage[] = [sysflowLanguage];

/** Whether a file of a folder holds rules, by its name. */
export function isPolicyFileName(name: string): boolean {
  return LANGUAGES.some(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}
