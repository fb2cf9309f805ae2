/** The command's first module: prepares the process, then loads the program. It imports nothing else before. */
import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

// Node opens its debugger port on SIGUSR1 unless the program listens for that signal.
process.on('SIGUSR1', () => {});

/** What newer versions of Node than the types describe may have. */
interface CompileCache {
  enableCompileCache?(folder: string): unknown;
}

const folder = cacheFolder();
if (folder !== null) (module as CompileCache).enableCompileCache?.(folder);

await import('./main.js');

/**
 * Where Node keeps compiled code between runs, which shortens starting. Node's default lies in the folder for temporary files,
 * in which another user could prepare code for us to run; so this is a folder of our own user, or null where none is safe.
 */
function cacheFolder(): string | null {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const base = XDG_CACHE_HOME || HOME;
  if (!base) return null;
  try {
    const { uid, mode } = statSync(base);
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return null;
  } catch {
    return null;
  }
  return XDG_CACHE_HOME ? join(XDG_CACHE_HOME, 'sfprocessor') : join(base, '.cache', 'sfprocessor');
}
