/**
 * Compares a repeated announcement with the stored version of an entity: if every field is equal, the old version and its memo can
 * stay. Processes and files are compared field by field, since there are many, except for their time: each trace announces them at
 * another time, and no output contains it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Container, File, Header, Pod, Process } from '../sysflow/entities.js';

/** The stored version, if there is one. */
type Known<T> = T | null | undefined;

export function sameProcess(known: Known<Process>, announced: Process): boolean {
  if (known === announced) return true;
  return (
    known !== null &&
    known !== undefined &&
    known.state === announced.state &&
    known.createTsLo === announced.createTsLo &&
    known.createTsHi === announced.createTsHi &&
    known.pidLo === announced.pidLo &&
    known.pidHi === announced.pidHi &&
    known.hasParent === announced.hasParent &&
    known.parentCreateTsLo === announced.parentCreateTsLo &&
    known.parentCreateTsHi === announced.parentCreateTsHi &&
    known.parentPidLo === announced.parentPidLo &&
    known.parentPidHi === announced.parentPidHi &&
    known.exe === announced.exe &&
    known.args === announced.args &&
    known.uid === announced.uid &&
    known.userName === announced.userName &&
    known.gid === announced.gid &&
    known.groupName === announced.groupName &&
    known.tty === announced.tty &&
    known.containerId === announced.containerId &&
    known.entry === announced.entry &&
    known.cwd === announced.cwd &&
    sameTexts(known.env, announced.env)
  );
}

export function sameFile(known: Known<File>, file: File): boolean {
  if (known === file) return true;
  return (
    known !== null &&
    known !== undefined &&
    known.state === file.state &&
    known.oid === file.oid &&
    known.resourceType === file.resourceType &&
    known.path === file.path &&
    known.containerId === file.containerId
  );
}

export function sameContainer(known: Known<Container>, container: Container): boolean {
  return sameFields(known, container);
}

export function samePod(known: Known<Pod>, pod: Pod): boolean {
  return isDeepStrictEqual(known, pod);
}

export function sameHeader(known: Known<Header>, header: Header): boolean {
  return sameFields(known, header);
}

/** Compares entities without lists. */
function sameFields<T extends object>(known: Known<T>, announced: T): boolean {
  if (known === announced) return true;
  if (known === null || known === undefined) return false;
  return (Object.keys(announced) as (keyof T)[]).every((key) => known[key] === announced[key]);
}

function sameTexts(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
