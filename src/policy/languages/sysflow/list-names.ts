/** Recognizes words that are probably meant as names of lists. */
import { nearestName } from '../../../diagnostics/nearest.js';
import type { Suggester } from './suggester.js';

/** The usual form of list names: lower-case parts joined by `_`. */
const LIST_NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;
/** Last parts of names that denote several things and are unlikely in the name of a program or file. */
const SEVERAL =
  /_(?:binaries|programs|processes|procs|commands|cmds|tools|names|dirs|directories|files|paths|ports|users|groups|images|containers|pods|namespaces|addresses|ips|networks|domains|servers|services|shells|list|lists)$/;
/** Truncated process names have this length; names of lists rarely have it. */
const KERNEL_NAME_LENGTH = 15;

/** Whether a single word after `in` or `pmatch` has the form of a list name. */
export function isSpeltLikeList(word: string): boolean {
  return LIST_NAME.test(word) && (word.length !== KERNEL_NAME_LENGTH || SEVERAL.test(word));
}

/** Whether a word is probably the name of a list even beside other values. */
export function namesSeveral(word: string): boolean {
  return SEVERAL.test(word) && LIST_NAME.test(word);
}

/**
 * Returns the list with the most similar name, but not one that merely has the same ending, as `shell_binaries` and
 * `mail_binaries`.
 */
export function nearestList(word: string, names: Iterable<string>, suggester: Suggester): string | undefined {
  const nearest = suggester.nearest(word, names);
  const ending = SEVERAL.exec(word)?.[0];
  if (nearest === undefined || ending === undefined || !nearest.endsWith(ending)) return nearest;
  const stem = word.slice(0, -ending.length);
  return nearestName(stem, [nearest.slice(0, -ending.length)]) === undefined ? undefined : nearest;
}

/** The message for a word that is treated as a text but may be meant as a list. */
export function notAList(word: string): string {
  return `unknown list '${word}'; it is used as a text`;
}

/** The hint for such a word if no list has a similar name. */
export const DEFINE_OR_QUOTE = 'define the list, or put the text in quotes';
