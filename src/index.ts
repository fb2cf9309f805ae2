/** The package's door: the types that actions are written against. The data format is `sfprocessor/sysflow`. */
export type { Action, ActionContext } from './policy/actions/action.js';
export type { Actor } from './records/actor.js';
export type { FlatRecord } from './records/flat-record.js';
export type { MatchedRule } from './records/record-context.js';
export type { Container, File, Header, K8sEvent, Payload, Pod, Process } from './sysflow/entities.js';
