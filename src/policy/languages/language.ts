/** The interface of a rule language. Each language is a folder beside this file and a line in `table.ts`. */
import type { Component } from '../../components/component.js';
import type { Diagnostic, SourceText } from '../../diagnostics/diagnostic.js';
import type { Policy, Priority } from '../model/policy.js';

/** A rule language: translates texts to the model. */
export interface RuleLanguage extends Component {
  readonly kind: 'language';
  /** File name extensions, such as `.yaml`. In folders, only files with one of them are read. */
  readonly extensions: readonly string[];
  /**
   * Whether a text is written in this language. If several languages claim a text, the first one in the table loads it.
   */
  claims(source: SourceText): boolean;
  /** Loads texts, in load order. Never throws or rejects; problems are reported as diagnostics. */
  load(sources: readonly SourceText[], options: LoadOptions): Promise<LoadedRules>;
  /** Describes what a file may contain, for editors and the reference pages. */
  describe(): Promise<LanguageDescription>;
}

/** Counts of enabled rules that cannot match because of unresolved terms, and of these terms. */
export interface UnresolvedCounts {
  readonly rules: number;
  readonly terms: number;
}

/** The contents of the texts in one language. */
export interface LoadedRules {
  /** The rules and filters that are well-formed, in load order. */
  readonly policy: Policy;
  /** All diagnostics, in any order. */
  readonly diagnostics: readonly Diagnostic[];
  readonly unresolved: UnresolvedCounts;
  /** Number of macros and lists defined. */
  readonly macros: number;
  readonly lists: number;
}

export interface LoadOptions {
  /**
   * Whether to report what is valid but probably a mistake: rules that never or always fire, unused definitions. For
   * rule authors; a pipeline does not need it.
   */
  readonly analyze?: boolean;
  /** Loads texts in the SysFlow dialect, for languages that translate theirs to it. Always set when a language is called. */
  readonly loadSysflow?: (sources: readonly SourceText[]) => Promise<LoadedRules>;
}

export interface LanguageDescription {
  /** The JSON Schema of a file. */
  readonly schema: object;
  /** The kinds of items in a file. */
  readonly items: readonly ItemDescription[];
  /** The accepted spellings of a priority, and the priority that each stands for. */
  readonly priorities: ReadonlyMap<string, Priority>;
}

export interface ItemDescription {
  /** The key that determines the kind of an item. Its value is the name of the item. */
  readonly heading: string;
  readonly description: string;
  readonly keys: Readonly<Record<string, KeyDescription>>;
}

export interface KeyDescription {
  readonly type: KeyType;
  readonly description: string;
  readonly required?: boolean;
  /** Why the key has no effect; such a key is accepted with a warning. */
  readonly ignored?: string;
  /** What to use instead of such a key. */
  readonly instead?: string;
}

/** Type of a key's value. */
export type KeyType =
  | 'name'
  | 'text'
  | 'condition'
  | 'severity'
  | 'names'
  | 'record-types'
  | 'boolean'
  | 'items'
  | 'any';
