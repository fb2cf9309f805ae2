import { Buffer } from 'node:buffer';
import { promises } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '../components/options.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { systemReason } from '../diagnostics/system-reason.js';

/** Where to read secrets: the `vault.*` keys of an exporter. */
export interface Vault {
  readonly path: string;
  readonly encoding: 'none' | 'base64';
}

/** Largest secret file, bytes: far more than any password, token or key pair. */
const MAX_SECRET_BYTES = 65_536;

/**
 * Reads the secrets of some keys from one file per key; a key without a file has no secret.
 *
 * No diagnostic contains a value.
 */
export async function readSecrets(
  keys: readonly string[],
  vault: Vault,
  diagnostics: Diagnostics,
): Promise<Map<string, Setting>> {
  const secrets = new Map<string, Setting>();
  for (const key of keys) {
    const path = join(vault.path, key);
    const text = await readSecret(path, vault, diagnostics);
    if (text !== null) secrets.set(key, { text, source: { path, text: '' }, range: null });
  }
  return secrets;
}

async function readSecret(path: string, vault: Vault, diagnostics: Diagnostics): Promise<string | null> {
  let bytes: Buffer;
  try {
    bytes = await promises.readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      const message = `the secret cannot be read: ${systemReason(error)}`;
      diagnostics.error('file-unreadable', message, { path, text: '' }, null);
    }
    return null;
  }
  const refuse = (what: string): null => {
    diagnostics.error('invalid-value', `the secret ${what}`, { path, text: '' }, null);
    return null;
  };
  if (bytes.length > MAX_SECRET_BYTES) return refuse(`is longer than ${MAX_SECRET_BYTES} bytes`);
  const text = bytes.toString('utf8').trim();
  if (vault.encoding === 'none') return text;
  if (!/^[A-Za-z0-9+/\s]*={0,2}$/.test(text)) return refuse('is not encoded as base64');
  return Buffer.from(text, 'base64').toString('utf8').trim();
}
