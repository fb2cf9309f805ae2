import { fileURLToPath } from 'node:url';

/** The folder of reference data, beside the working copy. */
export const REFERENCE: string = fileURLToPath(new URL('../../../shared', import.meta.url));
