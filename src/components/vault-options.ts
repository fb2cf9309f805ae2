import type { SchemaOf } from './options.js';

/** Where to read the secrets of a stanza. Every processor with secret options accepts these options too. */
export interface VaultOptions {
  readonly 'vault.secrets': boolean;
  readonly 'vault.path': string;
  readonly 'vault.encoding': 'none' | 'base64';
}

export const VAULT_OPTIONS: SchemaOf<VaultOptions> = {
  'vault.secrets': {
    type: 'switch',
    default: true,
    description:
      'Whether secrets that are not set here are read from files in `vault.path`, one a key, named as the key.',
  },
  'vault.path': { type: 'text', default: '/run/secrets', description: 'The folder of the secrets.' },
  'vault.encoding': {
    type: 'choice',
    choices: ['none', 'base64'],
    default: 'none',
    description: 'How the secrets are encoded.',
  },
};
