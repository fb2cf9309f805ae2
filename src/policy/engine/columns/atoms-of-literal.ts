/** The atoms of a literal: mostly one, and literals come by the thousand. */
export type Atoms = number | number[];

/** The atoms with another one. */
export function joinAtoms(atoms: Atoms | undefined, atom: number): Atoms {
  if (atoms === undefined) return atom;
  if (typeof atoms === 'number') return [atoms, atom];
  atoms.push(atom);
  return atoms;
}

/** Appends the atoms to those that were found. */
export function pushAtoms(found: number[], atoms: Atoms | undefined): void {
  if (typeof atoms === 'number') found.push(atoms);
  else if (atoms !== undefined) for (const atom of atoms) found.push(atom);
}
