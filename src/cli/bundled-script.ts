/**
 * Runs the bundled program: all of its modules in one script, which `scripts/bundle.mjs` makes together with the bytecode
 * of what a usual run needs. Reading two hundred modules and compiling them takes three times as long as Node itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** Gives one of Node's own modules. */
export type Builtin = (name: string) => unknown;

/** A bundle as a function: it runs a part, a module whose import runs it, given the URL of the folder's modules. */
type Bundle = (part: string, builtin: Builtin, moduleUrl: string) => Promise<void>;

/** A bundle that was read. */
export interface BundledScript {
  readonly script: Script;
  /** Where its bytecode is kept. */
  readonly bytecodePath: URL;
  run(part: string, builtin?: Builtin): Promise<void>;
}

/**
 * Reads a bundle. Bytecode of another version of Node, or none, is no error: all is compiled then.
 *
 * @param name of the bundle
 * @param moduleUrl the URL of a module in its folder
 */
export function readBundle(name: string, moduleUrl: string): BundledScript {
  // The work of a short run is mostly compiling: V8 optimizes a function after some 130 KB of its bytecode have run, which
  // suits pages that are visited for seconds. Waiting four times as long leaves the hot ones and spares the others:
  // measured on 60 traces with two threads, a quarter less processor time, and no difference on a long run. It is set
  // here, since bytecode is taken only under the flags under which it was made. All threads share the flags.
  if (isMainThread) setFlagsFromString('--interrupt-budget=600000');
  const scriptPath = new URL(`${name}.script`, moduleUrl);
  const bytecodePath = new URL(`${name}.bytecode`, moduleUrl);
  const script = new Script(readFileSync(scriptPath, 'latin1'), {
    filename: scriptPath.pathname,
    cachedData: readBytecode(bytecodePath),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const run = (part: string, builtin: Builtin = createRequire(moduleUrl)): Promise<void> =>
    (script.runInThisContext() as Bundle)(part, builtin, moduleUrl);
  return { script, bytecodePath, run };
}

function readBytecode(path: URL): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
