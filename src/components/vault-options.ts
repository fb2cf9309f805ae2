import type { SchemaOf } from './options.js';

/** Where the secrets of a stanza are kept. A processor whose stanza has secret options has these, too. */
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
