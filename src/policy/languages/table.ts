import type { RuleLanguage } from './language.js';
import { sysflowLanguage } from './sysflow/language.js';

/**
 * All rule languages. To add one, add a folder and a line here. The first language that claims a text loads it, so the
 * last one must claim every text.
 */
export const LANGUAGES: readonly RuleLanguage[] = [sysflowLanguage];
