/**
 * Whether an entity announced again is the same in every field, so that the old version, with its memo, can stay. Processes and
 * files are compared field by field, since there are many, but for their time: it is that of the announcement, which each trace has
 * anew, and nothing shows it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Container, File, Header, Pod, Process } from '../sysflow/entities.js';

/** The known entity, if any. */
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

/** Compares entities whose fields are not lists. */
function sameFields<T extends object>(known: Known<T>, announced: T): boolean {
  if (known === announced) return true;
  if (known === null || known === undefined) return false;
  return (Object.keys(announced) as (keyof T)[]).every((key) => known[key] === announced[key]);
}

function sameTexts(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
