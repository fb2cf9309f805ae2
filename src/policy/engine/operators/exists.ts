import type { PresenceOperator } from './operator.js';

/** `a exists`: the value is not empty, not 0 and not false. */
export const exists: PresenceOperator = {
  kind: 'presence',
  name: 'exists',
  interpret: (present) => present,
  describe: () => 'exists',
};
