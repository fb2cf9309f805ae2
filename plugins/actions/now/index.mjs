/**
 * An action that tags a record with the time at which its alert was raised, in nanoseconds since the epoch.
 *
 * @type {import('sfprocessor').ActionComponent & { apiVersion: 1 }}
 */
export default {
  apiVersion: 1,
  kind: 'action',
  name: 'now',
  summary: 'Tags a record with the time',
  options: {},
  run(_record, _rule, context) {
    context.addTag(`now_in_nanos:${BigInt(Date.now()) * 1_000_000n}`);
  },
};
