/**
 * Maximum length of a line: arguments of `execve` can have 128 KiB each, and a byte can be printed as four characters.
 */
const MAX_LINE: number = 4 * 1024 * 1024;

/**
 * Splits a stream of bytes into lines with one byte per UTF-16 unit. A line longer than {@link MAX_LINE} is dropped and
 * counted, so that memory stays bounded.
 */
export class LineSplitter {
  /** Number of lines that were too long. */
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

  /** Processes the next bytes of the stream. */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#add(chunk.toString('latin1', start, end));
      this.#flush();
      start = end + 1;
    }
    this.#add(chunk.toString('latin1', start));
  }

  /** Processes the end of the stream: the remaining bytes are a line without a newline. */
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
