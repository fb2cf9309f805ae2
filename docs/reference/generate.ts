/** `npm run docs`: writes the generated pages of the reference, and the API reports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referencePages } from './pages.js';

const folder = fileURLToPath(new URL('../../../docs/reference/', import.meta.url));
for (const { file, text } of await referencePages()) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}
