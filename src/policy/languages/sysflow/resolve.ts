/**
 * Resolves a parsed condition to the model's tree: expands macros and lists, looks up attributes, checks types.
 *
 * A term that cannot be resolved (unknown attribute, undefined macro, values of the wrong type) becomes a constant with
 * its reason. The constant never makes the rule fire: it is false, or true inside an odd number of `not`, so that `not
 * (a or unresolved)` does not hold either. The other terms of the rule are unaffected.
 */
import { findField } from '../../../fields/table.js';
import type { ConditionNode, ConstNode, Place } from '../../model/policy.js';
import { cycleMessage } from './cycle.js';
import type { Definitions, ListDefinition, MacroDefinition } from './definitions.js';
import { ListExpander } from './list-expander.js';
import { nearestAttribute } from './operands.js';
import type { ConditionReport } from './report.js';
import { didYouMean } from './suggester.js';
import type { ConditionSyntax, MacroSyntax } from './syntax.js';
import { TestResolver } from './test-resolver.js';
import { unresolvedTerm } from './unresolved-terms.js';

/** Maximum number of nodes of a condition with its macros expanded: macros that use macros can grow exponentially. */
const MAX_NODES = 100_000;
/** Maximum height of a condition with its macros expanded; code that visits the tree is recursive. */
const MAX_HEIGHT = 1000;

/** The resolved body of a macro. */
interface Body {
  readonly node: ConditionNode;
  readonly nodes: number;
  readonly height: number;
}

export class ConditionResolver {
  readonly #definitions: Definitions;
  readonly #report: ConditionReport;
  readonly #lists: ListExpander;
  readonly #tests: TestResolver;
  /** Whether a name can have different meanings in different files. */
  readonly #byFile: boolean;
  readonly #bodies = new Map<string, Body>();
  readonly #usedMacros = new Set<MacroDefinition>();
  /** The macros being expanded, outermost first. */
  readonly #open: string[] = [];
  #nodes = 0;
  #level = 0;
  #deepest = 0;

  constructor(definitions: Definitions, report: ConditionReport) {
    this.#definitions = definitions;
    this.#report = report;
    this.#byFile = definitions.macros.crossesFiles || definitions.lists.crossesFiles;
    this.#lists = new ListExpander(definitions.lists, report, this.#byFile);
    this.#tests = new TestResolver(this.#lists, definitions.macros, report);
  }

  /** Resolves a condition of the file with the given index. */
  resolve(syntax: ConditionSyntax, file: number): ConditionNode {
    this.#nodes = 0;
    return this.#condition(syntax, file, false);
  }

  /** Checks an unused list, to report its problems. */
  checkList(list: ListDefinition): void {
    this.#lists.check(list);
  }

  /** Whether a resolved rule, filter, macro or list uses a definition. */
  isUsed(definition: MacroDefinition | ListDefinition): boolean {
    return definition.kind === 'macro' ? this.#usedMacros.has(definition) : this.#lists.isUsed(definition);
  }

  #condition(syntax: ConditionSyntax, file: number, negated: boolean): ConditionNode {
    this.#nodes++;
    this.#level++;
    if (this.#level > this.#deepest) this.#deepest = this.#level;
    const node =
      this.#level > MAX_HEIGHT
        ? this.#tooLarge(`it has more than ${MAX_HEIGHT} levels`, syntax.place, negated)
        : this.#node(syntax, file, negated);
    this.#level--;
    return node;
  }

  #node(syntax: ConditionSyntax, file: number, negated: boolean): ConditionNode {
    const { place } = syntax;
    switch (syntax.kind) {
      case 'and':
      case 'or':
        return { kind: syntax.kind, items: syntax.items.map((item) => this.#condition(item, file, negated)), place };
      case 'not':
        return { kind: 'not', item: this.#condition(syntax.item, file, !negated), place };
      case 'macro':
        return this.#macro(syntax, file, negated);
      case 'test':
        this.#nodes += syntax.right.length;
        return this.#tests.resolve(syntax, file, negated);
    }
  }

  #macro(syntax: MacroSyntax, file: number, negated: boolean): ConditionNode {
    const { name, place } = syntax;
    const definition = this.#definitions.macros.find(name, file);
    if (definition === undefined) return this.#undefinedMacro(syntax, negated);
    this.#usedMacros.add(definition);
    if (definition.syntax === null) return unresolvedTerm(`the macro '${name}' is invalid`, place, negated);
    if (this.#open.includes(name)) {
      const message = cycleMessage('macro', name, this.#open);
      this.#report.error('recursive-definition', message, place);
      return unresolvedTerm(message, place, negated);
    }
    const key = `${negated ? '!' : ''}${this.#byFile ? file : 0}:${name}`;
    const body = this.#bodies.get(key) ?? this.#body(definition.syntax, name, file, negated);
    this.#bodies.set(key, body);
    if (this.#level + body.height > MAX_HEIGHT) {
      return this.#tooLarge(`it has more than ${MAX_HEIGHT} levels`, place, negated);
    }
    if (this.#nodes + body.nodes > MAX_NODES) {
      return this.#tooLarge(`it has more than ${MAX_NODES} terms`, place, negated);
    }
    this.#nodes += body.nodes;
    this.#deepest = Math.max(this.#deepest, this.#level + body.height);
    return { kind: 'macro', name, body: body.node, place };
  }

  #body(syntax: ConditionSyntax, name: string, file: number, negated: boolean): Body {
    const outer = { nodes: this.#nodes, deepest: this.#deepest };
    this.#nodes = 0;
    this.#deepest = this.#level;
    this.#open.push(name);
    const node = this.#condition(syntax, file, negated);
    this.#open.pop();
    const body = { node, nodes: this.#nodes, height: this.#deepest - this.#level };
    this.#nodes = outer.nodes;
    this.#deepest = outer.deepest;
    return body;
  }

  #tooLarge(how: string, place: Place, negated: boolean): ConstNode {
    const message = `the condition is too large with its macros expanded: ${how}; the term is never true`;
    this.#report.error('policy-syntax', message, place);
    return unresolvedTerm(message, place, negated);
  }

  #undefinedMacro({ name, place }: MacroSyntax, negated: boolean): ConstNode {
    const message = `unknown macro '${name}'; the term is never true`;
    this.#report.error('undefined-macro', message, place, this.#hintForMacro(name));
    return unresolvedTerm(message, place, negated);
  }

  #hintForMacro(name: string): string | undefined {
    const match = findField(name);
    if (match !== undefined) {
      return match.field.type === 'bool'
        ? `write '${name} = true'`
        : `'${name}' is an attribute: write '${name} exists'`;
    }
    const nearest = this.#report.suggester.nearest(name, this.#definitions.macros.names());
    if (nearest !== undefined) return didYouMean(nearest);
    if (this.#definitions.lists.find(name, Number.MAX_SAFE_INTEGER) !== undefined) return `'${name}' is a list`;
    const attribute = name.includes('.') ? nearestAttribute(name, this.#report) : undefined;
    return attribute === undefined ? undefined : `did you mean the attribute '${attribute}', with an operator?`;
  }
}
