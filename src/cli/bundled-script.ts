/**
 * Runs the bundled program: all of its modules in one script, which `scripts/bundle.mjs` makes together with the bytecode
 * of what a usual run needs. Reading two hundred modules and compiling them takes three times as long as Node itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** The parts of the program, each named as its module: the command itself and the entries of its other threads. */
export type ProgramPart = 'main' | 'file-worker-thread' | 'trace-decoder-thread';

/** The bundle as a function: it runs a part, given Node's own modules and the URL of the folder's modules. */
type Bundle = (part: ProgramPart, builtin: NodeJS.Require, moduleUrl: string) => Promise<void>;

/** What the files of a bundle are called, beside the modules that run it. */
const SCRIPT = 'program.script';
const BYTECODE = 'program.bytecode';

/** A bundle that was read. */
export interface BundledScript {
  readonly script: Script;
  /** Where its bytecode is kept. */
  readonly bytecodePath: URL;
  run(part: ProgramPart): Promise<void>;
}

/**
 * Reads the bundle. Bytecode of another version of Node, or none, is no error: all is compiled then.
 *
 * @param moduleUrl the URL of a module in the bundle's folder
 */
export function readBundle(moduleUrl: string): BundledScript {
  // The work of a short run is mostly compiling: V8 optimizes a function after some 130 KB of its bytecode have run, which
  // suits pages that are visited for seconds. Waiting four times as long leaves the hot ones and spares the others:
  // measured on 60 traces with two threads, a quarter less processor time, and no difference on a long run. It is set
  // here, since bytecode is taken only under the flags under which it was made. All threads share the flags.
  if (isMainThread) setFlagsFromString('--interrupt-budget=600000');
  const bytecodePath = new URL(BYTECODE, moduleUrl);
  const script = new Script(readFileSync(new URL(SCRIPT, moduleUrl), 'latin1'), {
    filename: new URL(SCRIPT, moduleUrl).pathname,
    cachedData: readBytecode(bytecodePath),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return {
    script,
    bytecodePath,
    run: (part) => (script.runInThisContext() as Bundle)(part, createRequire(moduleUrl), moduleUrl),
  };
}

function readBytecode(path: URL): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
