/**
 * Rewrites R1–R5 of a recorded line, which correct errors in the original's outputs that this program does not
 * reproduce.
 *
 * Lines are handled as text without parsing, since they must stay equal byte for byte and contain 64-bit integers. A
 * quote inside a JSON string is always escaped, so an unescaped `"name":` is a key and never event data.
 */

/** Errors in the original's output, by the name that golden/README.md gives the rewrite. */
export const REWRITES: Readonly<Record<string, string>> = {
  R1: 'flow counters are doubled: the original adds the same slot twice',
  R2: 'names of operations are cached by value without the record type, so files RECV and networks READ',
  R3: 'the command line of a process without arguments ends with a blank',
  R4: 'arrays of pod addresses and services lack commas',
  R5: 'the version of the agent is our own',
};

/** Rewrites a line of the original's JSON output (schema 5) to the expected output of this program. */
export function rewriteJson(line: string): string {
  let text = line.replace(
    /"flow":\{"rbytes":(-?\d+),"rops":(-?\d+),"wbytes":(-?\d+),"wops":(-?\d+)\}/,
    (_, rbytes, rops, wbytes, wops) =>
      `"flow":{"rbytes":${half(rbytes)},"rops":${half(rops)},"wbytes":${half(wbytes)},"wops":${half(wops)}}`,
  );
  text = text.replace(
    /"opflags":\[([^\]]*)\],"ret":(-?\d+),"ts":(-?\d+),"type":"(NF|FF)"/,
    (_, names: string, ret, ts, type) =>
      `"opflags":[${renameOperations(names, type)}],"ret":${ret},"ts":${ts},"type":"${type}"`,
  );
  text = text.replace(/"proc":\{.*/s, (section) => dropTrailingBlank(section, '"args":"","cmdline":"'));
  return addMissingCommas(text);
}

/** Rewrites a line of the original's ECS output (8.2) to the expected output of this program. */
export function rewriteEcs(line: string, version: string): string {
  const text = line
    .replace(/"agent":\{"type":"SysFlow","version":"[^"]*"\}/, `"agent":{"type":"SysFlow","version":"${version}"}`)
    .replace(/"(?:sf_file_action|network|source|destination)":\{[^{}]*\}/g, (section) =>
      section.replace(
        /"(bytes|packets|bytes_read|bytes_written|read_ops|write_ops)":(-?\d+)/g,
        (_, name, count) => `"${name}":${half(count)}`,
      ),
    )
    .replace(/"process":\{.*/s, (section) => dropTrailingBlank(section, '"process":{"args":"","command_line":"'));
  return addMissingCommas(text);
}

function half(count: string): string {
  return String(BigInt(count) / 2n);
}

function renameOperations(names: string, type: string): string {
  return type === 'NF'
    ? names.replace('"READ"', '"RECV"').replace('"WRITE"', '"SEND"')
    : names.replace('"RECV"', '"READ"').replace('"SEND"', '"WRITE"');
}

/** Removes the trailing space of the text that follows `before` in a section. */
function dropTrailingBlank(section: string, before: string): string {
  const at = section.indexOf(before);
  if (at === -1) return section;
  const start = at + before.length;
  const end = /^(?:[^"\\]|\\.)*/.exec(section.slice(start))![0].length + start;
  return section[end - 1] === ' ' ? section.slice(0, end - 1) + section.slice(end) : section;
}

/** Inserts a comma between a string or object and another that immediately follows it. */
function addMissingCommas(line: string): string {
  if (!/\}\{|[^:,[{]""/.test(line)) return line;
  let result = '';
  let before = '';
  for (const token of line.match(/"(?:[^"\\]|\\.)*"|[^"]/gs) ?? []) {
    const follows = (before.endsWith('"') && token.startsWith('"')) || (before === '}' && token === '{');
    result += follows ? `,${token}` : token;
    before = token;
  }
  return result;
}
