/**
 * Rows as aligned text, two blanks between columns, a line end after each row.
 *
 * @param align one letter a column, `l` or `r`; further columns are on the left
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

/** Blanks behind the last cell would be cut again, and one long cell would make all others as long. */
function padded(cell: string, width: number, right: boolean, isLast: boolean): string {
  if (right) return cell.padStart(width);
  return isLast ? cell : cell.padEnd(width);
}
