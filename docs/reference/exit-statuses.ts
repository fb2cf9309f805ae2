/** What exit statuses mean, for the reference and the manual page. */
export const EXIT_STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'fine'],
  ['1', 'the configuration, the policies, or what a command was asked to read are wrong'],
  ['2', 'the arguments are wrong'],
  ['3', 'failed while running'],
];
