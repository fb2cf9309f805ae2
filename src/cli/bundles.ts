/**
 * Runs the bundled program: all of its modules in a few scripts, which `scripts/bundle.mjs` makes together with the
 * bytecode of what a usual run needs. Reading two hundred modules and compiling them takes three times as long as Node
 * itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** What suits a program that works hard from its first moment, and often only for a second. */
const V8_FLAGS: readonly string[] = [
  // The work of a short run is mostly compiling: V8 optimizes a function after some 130 KB of its bytecode have run, which
  // suits pages that are visited for seconds. Waiting four times as long leaves the hot ones and spares the others: measured
  // on 60 traces with two threads, a quarter less processor time, and no difference on a long run.
  '--interrupt-budget=600000',
  // What is made at the start stays (policies), and would be copied each time the room for young objects doubles: measured
  // with 1,000 rules, a sixteenth less time.
  '--semi-space-growth-factor=4',
];

/** Gives one of Node's own modules. */
export type Builtin = (name: string) => unknown;

/**
 * A bundle as a function: it imports one of its parts and gives what that exports.
 *
 * @param moduleUrl the URL of a module in the folder of the bundles
 * @param program imports a part of the bundle `program`
 * @param importModule imports a module that is in no bundle
 */
type Bundle = (
  part: string,
  builtin: Builtin,
  moduleUrl: string,
  program: (part: string) => Promise<unknown>,
  importModule: (url: string) => Promise<unknown>,
) => Promise<unknown>;

/** A bundle that was read. */
export interface BundledScript {
  readonly script: Script;
  /** Where its bytecode is kept. */
  readonly bytecodePath: URL;
}

/** The bundles of a folder. */
export class Bundles {
  readonly #moduleUrl: string;
  readonly #builtin: Builtin;
  readonly #read = new Map<string, BundledScript>();

  /** @param moduleUrl the URL of a module in the folder */
  constructor(moduleUrl: string, builtin: Builtin = createRequire(moduleUrl)) {
    this.#moduleUrl = moduleUrl;
    this.#builtin = builtin;
    // They are set here, since bytecode is taken only under the flags under which it was made. All threads share them, and
    // only this one needs the module.
    if (isMainThread) process.getBuiltinModule('node:v8').setFlagsFromString(V8_FLAGS.join(' '));
  }

  /** Imports a part of a bundle. */
  run(name: string, part: string): Promise<unknown> {
    const bundle = this.read(name).script.runInThisContext() as Bundle;
    const program = (other: string): Promise<unknown> => this.run('program', other);
    return bundle(part, this.#builtin, this.#moduleUrl, program, (url) => import(url));
  }

  /** Reads a bundle. Bytecode of another version of Node, or none, is no error: all is compiled then. */
  read(name: string): BundledScript {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const scriptPath = new URL(`${name}.script`, this.#moduleUrl);
    const bytecodePath = new URL(`${name}.bytecode`, this.#moduleUrl);
    const script = new Script(readFileSync(scriptPath, 'latin1'), {
      filename: scriptPath.pathname,
      cachedData: readBytecode(bytecodePath),
    });
    const bundled = { script, bytecodePath };
    this.#read.set(name, bundled);
    return bundled;
  }
}

function readBytecode(path: URL): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
