import type { Diagnostics, SourceText } from '../../../diagnostics/diagnostic.js';
import type { RawEntry } from './document.js';

/**
 * The Falco rule engine version that this dialect is closest to. Files that require a later version are read as well;
 * constructs that are not supported are reported individually.
 */
const ENGINE_VERSION: readonly [major: number, minor: number, patch: number] = [0, 26, 0];

/** Checks `required_engine_version`: a number `N`, which stands for 0.N.0, or a version. */
export function checkEngineVersion(source: SourceText, entry: RawEntry, diagnostics: Diagnostics): void {
  const text = entry.value?.kind === 'scalar' ? entry.value.text.trim() : '';
  const range = entry.value?.range ?? entry.keyRange;
  const version = /^\d{1,9}$/.test(text) ? `0.${text}.0` : text;
  const parts = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})$/.exec(version);
  if (parts === null) {
    const message = `'required_engine_version' must be a number or a version such as 0.26.0, not '${text}'`;
    diagnostics.warning('engine-version', message, source, range);
    return;
  }
  const asked = parts.slice(1).map(Number);
  const differing = asked.findIndex((part, i) => part !== ENGINE_VERSION[i]);
  if (differing === -1 || asked[differing]! < ENGINE_VERSION[differing]!) return;
  const message = `the file requires rule engine ${version}, but this dialect corresponds to ${ENGINE_VERSION.join('.')}; the file is read anyway`;
  diagnostics.warning('engine-version', message, source, range);
}
