/** The first module of the command: prepares the process, then loads the program. It must not import other modules before. */
import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

// Node opens its debugger port on SIGUSR1 unless the program listens for that signal.
process.on('SIGUSR1', () => {});

/** API of Node versions newer than the type definitions. */
interface CompileCache {
  enableCompileCache?(folder: string): unknown;
}

const folder = cacheFolder();
if (folder !== null) (module as CompileCache).enableCompileCache?.(folder);

await import('./main.js');

/**
 * Returns the folder where Node caches compiled code, which shortens later starts. Node's default is in the folder for
 * temporary files, where another user could place code for this program to execute. So this is a folder of the current
 * user, or null if none is safe.
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
