/** The definitions in policy files before conditions are resolved, and name resolution across several files. */
import type { SourceRange } from '../../../diagnostics/diagnostic.js';
import type { Place, Priority } from '../../model/policy.js';
import type { ConditionPiece } from './condition-parser.js';
import type { ConditionSyntax } from './syntax.js';

interface Definition {
  readonly name: string;
  /** Position of the name in its file. */
  readonly place: Place;
  /** Index of the file in load order. */
  readonly file: number;
}

interface Conditional extends Definition {
  /** The condition as written. It has several pieces if others were appended. */
  readonly pieces: ConditionPiece[];
}

export interface RuleDefinition extends Conditional {
  readonly kind: 'rule';
  readonly description: string;
  readonly priority: Priority;
  readonly severity: string | null;
  readonly tags: string[];
  readonly prefilter: readonly string[];
  /** Range of the prefilter's record types; null if there is no prefilter. */
  readonly prefilterRange: SourceRange | null;
  readonly enabled: boolean;
  readonly actions: readonly string[];
  readonly output: string | null;
  readonly skipIfUnknown: boolean;
}

export interface FilterDefinition extends Conditional {
  readonly kind: 'filter';
  readonly enabled: boolean;
}

export interface MacroDefinition extends Conditional {
  readonly kind: 'macro';
  /** The condition; null until it is parsed, and if it is invalid. */
  syntax: ConditionSyntax | null;
}

export interface ListItem {
  readonly text: string;
  readonly place: Place;
}

export interface ListDefinition extends Definition {
  readonly kind: 'list';
  readonly items: ListItem[];
}

/**
 * Macros or lists by name.
 *
 * As in the original, a name refers to its last definition in the file that uses it, otherwise to the last one in the
 * files before. This also applies to names inside a macro or list of another file. If a name is defined only in later
 * files, which the original ignores, it refers to the last definition in the first of these files.
 */
export class NameTable<T extends Definition> {
  readonly #byName = new Map<string, T[]>();
  #size = 0;
  #crossesFiles = false;

  /** Adds a definition; files must be added in load order. Returns the previous definition of the name. */
  add(definition: T): T | undefined {
    this.#size++;
    const known = this.#byName.get(definition.name);
    if (known === undefined) {
      this.#byName.set(definition.name, [definition]);
      return undefined;
    }
    const last = known[known.length - 1]!;
    if (last.file !== definition.file) this.#crossesFiles = true;
    known.push(definition);
    return last;
  }

  /** Returns the definition that a name refers to in a file. */
  find(name: string, file: number): T | undefined {
    const known = this.#byName.get(name);
    if (known === undefined) return undefined;
    for (let i = known.length - 1; i >= 0; i--) {
      if (known[i]!.file <= file) return known[i];
    }
    const first = known[0]!.file;
    return known.findLast((definition) => definition.file === first);
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  *all(): Iterable<T> {
    for (const definitions of this.#byName.values()) yield* definitions;
  }

  /** Number of definitions. */
  get size(): number {
    return this.#size;
  }

  /** Whether a name is defined in several files, so that it can have a different meaning in each file. */
  get crossesFiles(): boolean {
    return this.#crossesFiles;
  }
}

/** All definitions of the files, in load order. */
export interface Definitions {
  readonly rules: RuleDefinition[];
  /** The last rule with each name. */
  readonly rulesByName: Map<string, RuleDefinition>;
  readonly filters: FilterDefinition[];
  readonly macros: NameTable<MacroDefinition>;
  readonly lists: NameTable<ListDefinition>;
  readonly unparseable: UnparseableCondition[];
}

/** An unparseable condition. Its uses of macros and lists are unknown, so they are excluded from the unused check. */
export interface UnparseableCondition {
  readonly pieces: readonly ConditionPiece[];
  /** The valid terms; null if there are none. */
  readonly condition: ConditionSyntax | null;
  /** Index of the file in load order. */
  readonly file: number;
}
