/** A driver that reads lines of JSON, one record each, in the form that `sfprocessor print --json` prints. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Records in one push. */
const BATCH = 1024;
/** Most invalid lines that are logged one by one; further ones are counted. */
const LOGGED = 5;

/** Members that are BigInts. In JSON they are numbers with all digits. */
const LONGS = 'ts tid endTs readOps writeOps readBytes writeBytes threadsCloned threadsExited cloneErrors restartCount';
/** Members that are object ids of processes. */
const IDS = ['oid', 'parent', 'process'];
/** Members of pods that are maps. */
const MAPS = ['labels', 'selectors'];

/** Matches a string, which stays unchanged, or a number that is too long to be parsed exactly. */
const TEXT_OR_LONG = /"(?:[^"\\]|\\.)*"|-?\d{16,}/g;

/**
 * @param {string} line
 * @returns {import('sfprocessor').TraceRecord}
 */
function recordOf(line) {
  // Convert long numbers to strings, and those of BigInt members to BigInts.
  const record = JSON.parse(line.replace(TEXT_OR_LONG, (word) => (word.startsWith('"') ? word : `"${word}"`)));
  if (typeof record?.kind !== 'string') throw new TypeError("it has no 'kind'");
  for (const key of LONGS.split(' ')) if (key in record) record[key] = BigInt(record[key]);
  for (const key of IDS) {
    const id = record[key];
    if (typeof id !== 'object' || id === null) continue;
    record[key] = { createTs: BigInt(id.createTs), pid: BigInt(id.pid) };
  }
  for (const key of MAPS) if (key in record) record[key] = new Map(Object.entries(record[key]));
  return record;
}

/** Pushes records in batches and counts invalid ones. */
class Pusher {
  /** @type {{ record: import('sfprocessor').TraceRecord, line: number }[]} */
  #waiting = [];
  #wrong = 0;

  /**
   * @param {import('sfprocessor').DriverHost} host
   * @param {import('sfprocessor').StreamSink} stream
   * @param {string} path
   */
  constructor(host, stream, path) {
    this.host = host;
    this.stream = stream;
    this.path = path;
  }

  /**
   * @param {string} text
   * @param {number} line its number
   */
  async add(text, line) {
    if (text.trim() === '') return;
    try {
      this.#waiting.push({ record: recordOf(text), line });
    } catch (error) {
      this.#skip(line, error);
    }
    if (this.#waiting.length >= BATCH) await this.flush();
  }

  async flush() {
    const records = this.#waiting;
    this.#waiting = [];
    try {
      await this.stream.pushRecords(records.map(({ record }) => record));
    } catch {
      // One of them cannot be encoded, and none was pushed.
      for (const { record, line } of records) {
        await this.stream.pushRecords([record]).catch((error) => this.#skip(line, error));
      }
    }
  }

  async end() {
    await this.flush();
    if (this.#wrong > 0) this.host.fail(`${this.path}: ${this.#wrong} lines are not records and were skipped`);
  }

  /**
   * @param {number} line
   * @param {unknown} error
   */
  #skip(line, error) {
    this.#wrong++;
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#wrong <= LOGGED) this.host.log('warn', `${this.path}:${line}: ${reason}; skipped`);
  }
}

/** @type {import('sfprocessor').DriverComponent & { apiVersion: 1 }} */
export default {
  apiVersion: 1,
  kind: 'driver',
  name: 'jsonlines',
  summary: 'lines of JSON, a record each',
  options: {},
  create: (_options, { path }) => ({
    files: [{ path, isListed: false }],
    start(host) {
      if (existsSync(path)) return true;
      host.fail(`${path}: does not exist`);
      return false;
    },
    async run(host, signal) {
      const file = await open(path);
      const pusher = new Pusher(host, host.openStream(path), path);
      let line = 0;
      for await (const text of file.readLines()) {
        if (signal.aborted) break;
        await pusher.add(text, ++line);
      }
      await pusher.end();
    },
  }),
};
