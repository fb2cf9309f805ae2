/** `npm run docs`: writes the generated pages of the reference. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referencePages } from './pages.js';

const folder = fileURLToPath(new URL('../../../docs/reference/', import.meta.url));
for (const { file, text } of await referencePages()) writeFileSync(join(folder, file), text);
