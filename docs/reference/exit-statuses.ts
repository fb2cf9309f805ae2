/** What exit statuses mean, for the reference and the manual page. */
export const EXIT_STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'fine'],
  ['1', 'the configuration or the policies are wrong'],
  ['2', 'the arguments are wrong'],
  ['3', 'failed while running: a trace cannot be read, say; the others are'],
  ['130, 143', 'a command was stopped by SIGINT (Ctrl-C) or SIGTERM'],
  ['141', 'the reader of standard output left before everything was written'],
];
