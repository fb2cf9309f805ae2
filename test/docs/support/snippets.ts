/**
 * What a test does with the fenced blocks of a document, by their info string:
 *
 * - `sh [exit=N] [project]`: run by `sh -e` and ends with status N (0); `project`: in the root of the working copy, else in
 *   the document's own temporary folder, which looks like a clone that is set up;
 * - `sh setup`: what a reader does once for his shell, run before each of the blocks that follow;
 * - `text output`: what the block before it prints, standard error included. `…` stands for any text, on a line of its own
 *   for any lines, and blanks for any number of blanks;
 * - `LANGUAGE file=NAME`: written to that file of the folder;
 * - others are for the eye only; a block `sh` never is, unless it is listed as run elsewhere.
 */
export type Step = RunStep | FileStep | SetupStep;

export interface SetupStep {
  readonly kind: 'setup';
  readonly script: string;
}

export interface RunStep {
  readonly kind: 'run';
  readonly line: number;
  readonly script: string;
  readonly status: number;
  readonly inProject: boolean;
  /** Pattern of what it prints, or null where the document does not show it. */
  output: string | null;
}

export interface FileStep {
  readonly kind: 'file';
  readonly line: number;
  readonly name: string;
  readonly text: string;
}

/** The steps of a Markdown document, in order. */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  for (const match of markdown.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)) {
    const [, language, info, text] = match as unknown as [string, string, string, string];
    const line = markdown.slice(0, match.index).split('\n').length;
    const words = info.trim().split(/\s+/);
    const wordOf = (key: string): string | undefined =>
      words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
    const name = wordOf('file');
    if (name !== undefined) steps.push({ kind: 'file', line, name, text });
    else if (language === 'sh' && words.includes('setup')) steps.push({ kind: 'setup', script: text });
    else if (language === 'sh') {
      const status = Number(wordOf('exit') ?? 0);
      steps.push({ kind: 'run', line, script: text, status, inProject: words.includes('project'), output: null });
    } else if (words.includes('output')) {
      const last = steps.at(-1);
      if (last?.kind !== 'run') throw new Error(`line ${line}: an output without a command before it`);
      last.output = text;
    }
  }
  return steps;
}

/** Whether an output is what a document shows of it. */
export function showsOutput(shown: string, output: string): boolean {
  const pattern = shown
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escapeText).join('.*')}[ \\t]*\\n`))
    .join('');
  return new RegExp(`^\\s*${pattern}\\s*$`, 'u').test(`${output.trimEnd()}\n`);
}

/** A pattern of the text; blanks stand for any number of blanks, so that columns may grow. */
function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/ +/g, ' +');
}
