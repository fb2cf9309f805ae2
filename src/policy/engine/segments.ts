/**
 * Segments: lists of rules with what is left of their conditions, all of which need the same variable next.
 *
 * When the variable is known, most conditions come out false, since no test of theirs holds. So a segment keeps what
 * becomes of its rules when none holds, worked out once, and an index from tests to rules, and looks only at the rules
 * that a test which holds concerns. Equal segments are one object, so what was found out on one way serves all others.
 */
import type { Formula, FormulaTable } from './formula.js';

export class Segment {
  readonly id: number;
  /** The variable that all conditions need next; `NO_VARIABLE` where all hold. */
  readonly variable: number;
  /** Indices of the rules, ascending; -1 is the filters. */
  readonly rules: readonly number[];
  /** What is left of the conditions, by position. */
  readonly conditions: readonly Formula[];
  /** What follows, by class of the variable. */
  readonly next: Map<number, readonly Segment[]> = new Map();
  /** Positions by atom that their condition mentions. */
  concerned: ReadonlyMap<number, readonly number[]> | null = null;
  /** What is left by position where no atom holds. */
  otherwise: readonly Formula[] | null = null;

  constructor(id: number, variable: number, rules: readonly number[], conditions: readonly Formula[]) {
    this.id = id;
    this.variable = variable;
    this.rules = rules;
    this.conditions = conditions;
  }
}

export class SegmentTable {
  readonly #formulas: FormulaTable;
  readonly #byKey = new Map<string, Segment>();
  /** The atoms that hold, while a class is looked at; else all 0. */
  readonly #held: Uint8Array;
  readonly #onGrowth: (size: number) => void;

  constructor(formulas: FormulaTable, atoms: number, onGrowth: (size: number) => void) {
    this.#formulas = formulas;
    this.#held = new Uint8Array(atoms);
    this.#onGrowth = onGrowth;
  }

  /** The segments of some rules, one per variable; rules whose condition is false go. The rules must ascend. */
  group(rules: readonly number[], conditions: readonly Formula[]): readonly Segment[] {
    const groups = new Map<number, { rules: number[]; conditions: Formula[] }>();
    for (let i = 0; i < rules.length; i++) {
      const condition = conditions[i]!;
      if (condition === this.#formulas.never) continue;
      let group = groups.get(condition.variable);
      if (group === undefined) {
        group = { rules: [], conditions: [] };
        groups.set(condition.variable, group);
      }
      group.rules.push(rules[i]!);
      group.conditions.push(condition);
    }
    return [...groups].map(([variable, group]) => this.#intern(variable, group.rules, group.conditions));
  }

  /**
   * What follows a segment for a class of its variable.
   *
   * @param atoms the atoms that hold in the class
   */
  step(segment: Segment, valueClass: number, atoms: readonly number[]): readonly Segment[] {
    const known = segment.next.get(valueClass);
    if (known !== undefined) return known;
    const following = this.#follow(segment, atoms);
    segment.next.set(valueClass, following);
    this.#onGrowth(8);
    return following;
  }

  #follow(segment: Segment, atoms: readonly number[]): readonly Segment[] {
    const { concerned, otherwise } = this.#prepare(segment);
    const positions = new Set<number>();
    for (const atom of atoms) for (const position of concerned.get(atom) ?? []) positions.add(position);
    if (positions.size === 0) return this.#untouched(segment, otherwise);

    for (const atom of atoms) this.#held[atom] = 1;
    const conditions = new Map<number, Formula>();
    for (const position of positions) {
      const condition = this.#formulas.restrict(segment.conditions[position]!, segment.variable, this.#held);
      conditions.set(position, condition);
    }
    for (const atom of atoms) this.#held[atom] = 0;

    // Mostly the rules that a test concerns would have come out false without it: then the others stay a segment.
    const apart = [...positions].every((position) => otherwise[position] === this.#formulas.never);
    if (!apart)
      return this.group(
        segment.rules,
        otherwise.map((left, position) => conditions.get(position) ?? left),
      );
    const touched = [...positions].sort((a, b) => a - b);
    const own = this.group(
      touched.map((position) => segment.rules[position]!),
      touched.map((position) => conditions.get(position)!),
    );
    return [...this.#untouched(segment, otherwise), ...own];
  }

  /** What follows where no atom of the variable holds: the entry of a class that none has. */
  #untouched(segment: Segment, otherwise: readonly Formula[]): readonly Segment[] {
    let following = segment.next.get(NO_CLASS);
    if (following === undefined) {
      following = this.group(segment.rules, otherwise);
      segment.next.set(NO_CLASS, following);
    }
    return following;
  }

  #prepare(segment: Segment): { concerned: ReadonlyMap<number, readonly number[]>; otherwise: readonly Formula[] } {
    if (segment.concerned !== null && segment.otherwise !== null) {
      return { concerned: segment.concerned, otherwise: segment.otherwise };
    }
    const concerned = new Map<number, number[]>();
    segment.conditions.forEach((condition, position) => {
      for (const atom of this.#formulas.mentions(condition)) {
        const positions = concerned.get(atom);
        if (positions === undefined) concerned.set(atom, [position]);
        else positions.push(position);
      }
    });
    const otherwise = segment.conditions.map((condition) =>
      this.#formulas.restrict(condition, segment.variable, this.#held),
    );
    segment.concerned = concerned;
    segment.otherwise = otherwise;
    this.#onGrowth(segment.rules.length * 4);
    return { concerned, otherwise };
  }

  #intern(variable: number, rules: readonly number[], conditions: readonly Formula[]): Segment {
    let key = `${variable}:`;
    for (let i = 0; i < rules.length; i++) key += `${rules[i]},${conditions[i]!.id};`;
    let segment = this.#byKey.get(key);
    if (segment === undefined) {
      segment = new Segment(this.#byKey.size, variable, rules, conditions);
      this.#byKey.set(key, segment);
      this.#onGrowth(rules.length * 4 + 16);
    }
    return segment;
  }
}

const NO_CLASS = -1;
