import type { RuleLanguage } from './language.js';
import { sysflowLanguage } from './sysflow/language.js';

/**
 * The built-in languages of rules; a new one is a folder and a line here. A text belongs to the first language that claims it,
 * so the last one must claim every text.
 */
export const LANGUAGES: readonly RuleLanguage[] = [sysflowLanguage];
