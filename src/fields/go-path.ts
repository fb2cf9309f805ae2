/**
 * The functions of Go's `path/filepath` on Unix that outputs and rules depend on (source: Go's documentation of Base,
 * Dir and Clean).
 */

/** Returns the last element: without trailing slashes, `.` for an empty path, `/` for a path of slashes only. */
export function baseName(path: string): string {
  if (path === '') return '.';
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === 47) end--;
  if (end === 0) return '/';
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

/** Returns all but the last element, cleaned; `.` for a path without a slash. */
export function directoryName(path: string): string {
  const slash = path.lastIndexOf('/');
  // Most paths are clean already. A path that cleaning could change contains `//` or `/.`, or does not start with `/`.
  const clean = slash > 0 && path.charCodeAt(0) === 47 && !path.includes('//') && !path.includes('/.');
  return clean ? path.slice(0, slash) : cleanPath(path.slice(0, slash + 1));
}

/** Returns the shortest equivalent path: single slashes, `.` and inner `..` resolved, no trailing slash. */
export function cleanPath(path: string): string {
  if (path === '') return '.';
  const rooted = path.charCodeAt(0) === 47;
  const kept: string[] = [];
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue;
    if (element !== '..') kept.push(element);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!rooted) kept.push('..');
  }
  const joined = kept.join('/');
  if (rooted) return `/${joined}`;
  return joined === '' ? '.' : joined;
}
