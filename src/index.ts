/**
 * The program as a library: the interfaces of plugins, and functions to use traces, policies and pipelines from code. The data
 * format alone is `sfprocessor/sysflow`.
 */
export { type Alert, type AlertOptions, alerts } from './api/alerts.js';
export { ConfigurationError } from './api/configuration-error.js';
export {
  createPipeline,
  type GivenComponent,
  type PipelineDefinition,
  type PipelineSetup,
  type PipelineStanza,
  type RunnablePipeline,
} from './api/create-pipeline.js';
export {
  type ComponentOf,
  type ComponentsByKind,
  definePlugin,
  type Plugin,
  type ValueOf,
  type ValuesOf,
} from './api/define-plugin.js';
export { type JsonObject, type JsonValue, parseExactJson } from './api/exact-json.js';
export { loadPolicies, type Policies, type PolicyRule, parsePolicies } from './api/load-policies.js';
export { openTrace, type Trace } from './api/open-trace.js';
export { UnreadableTraceError } from './api/unreadable-trace-error.js';
export type {
  AnyComponent,
  Component,
  ComponentKind,
  OptionsProblem,
  OutputFile,
  Slot,
} from './components/component.js';
export type {
  ChoiceOption,
  DurationOption,
  IntegerOption,
  Option,
  SchemaOf,
  Setting,
  SizeOption,
  StanzaSchema,
  SwitchOption,
  TextOption,
  TextsOption,
} from './components/options.js';
export { API_VERSION } from './components/plugins/plugin.js';
export type {
  Preparation,
  PrepareEnvironment,
  ProcessorComponent,
  ProcessorEnvironment,
  SlotValue,
  Stage,
  StageCount,
  StageReport,
} from './components/processor.js';
export type { DiagnosticCode } from './diagnostics/codes.js';
export type { Diagnostic, Diagnostics, Severity, SourceRange, SourceText } from './diagnostics/diagnostic.js';
export { type FormatOptions, formatDiagnostic, type Position, positionAt } from './diagnostics/format.js';
export type {
  Driver,
  DriverComponent,
  DriverEnvironment,
  DriverFile,
  DriverHost,
  DriverReporter,
  StreamSink,
  TraceSummary,
} from './drivers/driver.js';
export type { ByteBuffer } from './exporter/byte-buffer.js';
export type {
  EncoderComponent,
  EncoderEnvironment,
  TransportComponent,
  TransportEnvironment,
} from './exporter/component.js';
export type { EncodedPiece } from './exporter/encoded-piece.js';
export type { Encoder } from './exporter/encoder.js';
export type {
  BackOff,
  ConnectResult,
  FailedRecords,
  NotConnected,
  Ok,
  PartialResult,
  SendResult,
  Transport,
} from './exporter/transport.js';
export type { Action, ActionComponent, ActionContext } from './policy/actions/action.js';
export type {
  ItemDescription,
  KeyDescription,
  LanguageDescription,
  LoadedRules,
  LoadOptions,
  RuleLanguage,
} from './policy/languages/language.js';
export type { Filter, Policy, Priority, Rule } from './policy/model/policy.js';
export type {
  Handler,
  HandlerComponent,
  HandlerEnvironment,
  StreamEnvironment,
  StreamHandler,
} from './reader/handler.js';
export type { Actor } from './records/actor.js';
export type { FlatBatch } from './records/flat-batch.js';
export { FlatRecord } from './records/flat-record.js';
export type { MatchedRule, RecordContext } from './records/record-context.js';
export type { Receiver } from './streams/receiver.js';
export {
  type Container,
  type File,
  type Header,
  type K8sEvent,
  ObjectState,
  type Payload,
  type Pod,
  type Process,
  type Service,
  type ServicePort,
} from './sysflow/entities.js';
export { toBigInt } from './sysflow/int64.js';
export { formatIpv4 } from './sysflow/ipv4.js';
export { OpFlag, opFlagNames } from './sysflow/op-flags.js';
export { OpenFlag, openFlagNames } from './sysflow/open-flags.js';
export * from './sysflow/record-batch.js';
export { RECORD_TYPE_CODES, RecordKind } from './sysflow/record-types.js';
export * from './sysflow/trace-record.js';
export type { LogEvent } from './telemetry/logger.js';
