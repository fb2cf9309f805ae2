/** Words that are probably meant as names of lists. */
import { nearestName } from '../../../diagnostics/nearest.js';
import type { Suggester } from './suggester.js';

/** How lists are mostly named: small letters, in parts that `_` joins. */
const LIST_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;
/** The last part of names that mean several things, and no program or file is likely to have. */
const SEVERAL =
  /_(?:binaries|programs|processes|procs|commands|cmds|tools|names|dirs|directories|files|paths|ports|users|groups|images|containers|pods|namespaces|addresses|ips|networks|domains|servers|services|shells|list|lists)$/;
/** Programs are named so where their names are cut, and lists seldom. */
const KERNEL_NAME_LENGTH = 15;

/** Whether a word that stands alone behind `in` or `pmatch` is spelt as names of lists are. */
export function isSpeltLikeList(word: string): boolean {
  return LIST_NAME.test(word) && (word.length !== KERNEL_NAME_LENGTH || SEVERAL.test(word));
}

/** Whether a word names a list also where other values stand beside it. */
export function namesSeveral(word: string): boolean {
  return SEVERAL.test(word) && LIST_NAME.test(word);
}

/** The list with the nearest name; not one that only ends alike, as `shell_binaries` and `mail_binaries` do. */
export function nearestList(word: string, names: Iterable<string>, suggester: Suggester): string | undefined {
  const nearest = suggester.nearest(word, names);
  const ending = SEVERAL.exec(word)?.[0];
  if (nearest === undefined || ending === undefined || !nearest.endsWith(ending)) return nearest;
  const stem = word.slice(0, -ending.length);
  return nearestName(stem, [nearest.slice(0, -ending.length)]) === undefined ? undefined : nearest;
}

/** What is said of a word that is taken as a text, and might be meant as a list. */
export function notAList(word: string): string {
  return `there is no list '${word}'; it is taken as a text`;
}

/** What to do with such a word where no list has a near name. */
export const DEFINE_OR_QUOTE = 'define the list, or put the text in quotes';
