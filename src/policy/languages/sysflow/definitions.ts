/** What policy files define, before conditions are resolved; and how names are found among several files. */
import type { SourceRange } from '../../../diagnostics/diagnostic.js';
import type { Place, Priority } from '../../model/policy.js';
import type { ConditionPiece } from './condition-parser.js';
import type { ConditionSyntax } from './syntax.js';

interface Definition {
  readonly name: string;
  /** The name in its file. */
  readonly place: Place;
  /** The number of the file in load order. */
  readonly file: number;
}

interface Conditional extends Definition {
  /** The condition as it stands in the files: more than one piece where others were appended. */
  readonly pieces: ConditionPiece[];
}

export interface RuleDefinition extends Conditional {
  readonly kind: 'rule';
  readonly description: string;
  readonly priority: Priority;
  readonly severity: string | null;
  readonly tags: string[];
  readonly prefilter: readonly string[];
  /** The record types of the prefilter in the file; null without one. */
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
  /** The condition; null until it is parsed, and where it is not well-formed. */
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
 * A name means, as under the original, its last definition in the file that uses it, else the last one in the files
 * before; this also holds inside a macro or list of another file. Where it is defined only in later files, which the
 * original does not see, it means the first of those files' last definition.
 */
export class NameTable<T extends Definition> {
  readonly #byName = new Map<string, T[]>();
  #size = 0;
  #crossesFiles = false;

  /** Adds a definition; files come in load order. Gives the earlier definition of the name that it follows. */
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

  /** What a name means in a file. */
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

  /** How many definitions there are. */
  get size(): number {
    return this.#size;
  }

  /** Whether some name is defined in more than one file, so that it means different things in different files. */
  get crossesFiles(): boolean {
    return this.#crossesFiles;
  }
}

/** Everything that the files define, in load order. */
export interface Definitions {
  readonly rules: RuleDefinition[];
  /** The last rule of each name. */
  readonly rulesByName: Map<string, RuleDefinition>;
  readonly filters: FilterDefinition[];
  readonly macros: NameTable<MacroDefinition>;
  readonly lists: NameTable<ListDefinition>;
  readonly unparseable: UnparseableCondition[];
}

/** A condition that is not well-formed: nobody knows all that it uses. */
export interface UnparseableCondition {
  readonly pieces: readonly ConditionPiece[];
  /** The terms that are well-formed; null where none is. */
  readonly condition: ConditionSyntax | null;
  /** The number of the file in load order. */
  readonly file: number;
}
