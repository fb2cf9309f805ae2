/** Pieces of Markdown that the generated pages are made of. */

/** What stands on top of every page. */
export const NOTICE = '<!-- Made by `npm run docs` from the tables of the program; changes here are lost. -->';

export function code(text: string): string {
  return `\`${text}\``;
}

/** A table; rows are cells as Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Text as it is printed. */
export function block(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}

/** A page of paragraphs. */
export function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
