/** Longest line that is read whole: arguments of `execve` may take 128 KiB each, four characters a byte. */
const MAX_LINE: number = 4 * 1024 * 1024;

/**
 * Cuts a stream of bytes into lines of one byte per UTF-16 unit. A line longer than {@link MAX_LINE} is left out and
 * counted, so that memory stays bounded whatever comes.
 */
export class LineSplitter {
  /** Lines that were too long. */
  dropped = 0;
  readonly #take: (line: string) => void;
  readonly #limit: number;
  #rest = '';
  #skipping = false;

  /** @param take called with each line, without its newline */
  constructor(take: (line: string) => void, limit: number = MAX_LINE) {
    this.#take = take;
    this.#limit = limit;
  }

  /** The next bytes of the stream. */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#add(chunk.toString('latin1', start, end));
      this.#flush();
      start = end + 1;
    }
    this.#add(chunk.toString('latin1', start));
  }

  /** The end of the stream: what is left is a line without a newline. */
  end(): void {
    if (this.#rest !== '' || this.#skipping) this.#flush();
  }

  #add(text: string): void {
    if (this.#skipping) return;
    if (this.#rest.length + text.length > this.#limit) {
      this.#skipping = true;
      this.#rest = '';
      this.dropped++;
    } else this.#rest += text;
  }

  #flush(): void {
    const line = this.#rest;
    const skipping = this.#skipping;
    this.#rest = '';
    this.#skipping = false;
    if (!skipping) this.#take(line);
  }
}
