/**
 * Formats rows as aligned text with two spaces between columns and a line end after each row.
 *
 * @param align one letter per column, `l` or `r`; further columns are left-aligned
 */
export function textTable(rows: readonly (readonly string[])[], align = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) => row.map((cell, i) => padded(cell, widths[i]!, align[i] === 'r', i === row.length - 1)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Does not pad the last cell: trailing spaces would be removed, and one long cell would lengthen all rows. */
function padded(cell: string, width: number, right: boolean, isLast: boolean): string {
  if (right) return cell.padStart(width);
  return isLast ? cell : cell.padEnd(width);
}
