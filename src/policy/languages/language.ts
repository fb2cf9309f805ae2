/** What a language of rules is. Each is a folder beside this file, and a line in the table of components. */
import type { Component } from '../../components/component.js';
import type { Diagnostic, SourceText } from '../../diagnostics/diagnostic.js';
import type { Policy, Priority } from '../model/policy.js';

/** A language in which rules are written: texts in, the model out. */
export interface RuleLanguage extends Component {
  readonly kind: 'language';
  /** How the names of its files end, such as `.yaml`; only these are read in folders. */
  readonly extensions: readonly string[];
  /** Whether a text is written in it. Of several languages that claim a text, the first one in the table loads it. */
  claims(source: SourceText): boolean;
  /** Loads texts, in load order. Never throws or rejects; what is wrong is among the diagnostics. */
  load(sources: readonly SourceText[], options: LoadOptions): Promise<LoadedRules>;
  /** What can be written in a file, for editors and the reference pages. */
  describe(): Promise<LanguageDescription>;
}

/** What cannot work: rules that no record can match since terms are broken, and the broken terms. */
export interface BrokenParts {
  readonly rules: number;
  readonly terms: number;
}

/** What the texts of one language hold. */
export interface LoadedRules {
  /** The rules and filters that are well-formed, in load order. */
  readonly policy: Policy;
  /** All that was found, in any order. */
  readonly diagnostics: readonly Diagnostic[];
  readonly broken: BrokenParts;
  /** How many macros and lists are defined. */
  readonly macros: number;
  readonly lists: number;
}

export interface LoadOptions {
  /**
   * Whether to look for what is well-formed and hardly meant, too: rules that never or always fire, definitions that
   * nothing uses. For authors of rules; a pipeline need not know.
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
  /** What may be written as the priority of a rule, and what it counts as. */
  readonly priorities: ReadonlyMap<string, Priority>;
}

export interface ItemDescription {
  /** The key that makes an item one of this kind; its value is the name. */
  readonly heading: string;
  readonly description: string;
  readonly keys: Readonly<Record<string, KeyDescription>>;
}

export interface KeyDescription {
  readonly type: KeyType;
  readonly description: string;
  readonly required?: boolean;
  /** Why the key has no effect here; such a key is accepted with a warning. */
  readonly ignored?: string;
  /** What to do instead of such a key. */
  readonly instead?: string;
}

/** What a key takes. */
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
