import { fileURLToPath } from 'node:url';

/** Where the folder of reference data is looked for: beside the working copy. */
export const REFERENCE: string = fileURLToPath(new URL('../../../shared', import.meta.url));
