/**
 * The example action: tags a record with the time at which its alert was raised, in nanoseconds since the epoch.
 *
 * A rule uses it with `actions: [now]`.
 */
export default {
  apiVersion: 1,
  kind: 'action',
  name: 'now',
  summary: 'tags a record with the time of its alert',
  options: {},
  run(_record, _rule, context) {
    context.addTag(`now_in_nanos:${BigInt(Date.now()) * 1_000_000n}`);
  },
};
