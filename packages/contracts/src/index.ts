export type { Codec } from "./codec.ts";
export { openContracts } from "./contracts.ts";
export type { Codecs, Contracts, ContractsOptions } from "./contracts.ts";
export {
  MalformedRecord,
  RegistryMisconfigured,
  RegistryUnavailable,
  RegistryUnreadable,
  SchemaIncompatible,
  SchemaMissing,
  SchemaNotFound,
  UnencodableRecord,
} from "./errors.ts";
export type { MalformedCode } from "./errors.ts";
export { encodeInput } from "./encode-input.ts";
export { createErasureNames } from "./erasure-names.ts";
export type { ErasureNames } from "./erasure-names.ts";
export {
  checkEventTime,
  EVENT_AHEAD_MS_MAX,
  EVENT_CLAMPED_MS_MAX,
  isTime,
  parseInstant,
  TIME_MS_MAX,
} from "./event-time.ts";
export type { EventTimeVerdict } from "./event-time.ts";
export { openFileRegistry } from "./file-registry.ts";
export { isAddressable } from "./field-rule.ts";
export { parseInputEvent } from "./input-event.ts";
export type { InputEvent, InputEventType, InputOptions, RejectedEvent } from "./input-event.ts";
export type { InputCode } from "./input-problem.ts";
export { checkInputRecord } from "./input-record.ts";
export type { InputRecords, InputRefusal, InputTopic } from "./input-record.ts";
export { jsonSchemaOf } from "./json-schema.ts";
export type { JsonSchema } from "./json-schema.ts";
export { AMOUNT_MINOR_MAX, isCurrency, minorDigits, parseAmount } from "./money.ts";
export type { AmountCode, ParsedAmount } from "./money.ts";
export { dueOf, emptyProfile, PROFILE_BYTES_MAX } from "./profile.ts";
export type { Profile } from "./profile.ts";
export type {
  AlertKind,
  AlertSeverity,
  AlertStanding,
  AlertState,
  Barrier,
  ChangeCause,
  ChurnAlert,
  ClockMode,
  Complaint,
  ComplaintKind,
  ContractTerms,
  Customer,
  CustomerFacts,
  DeadLetter,
  Erasure,
  ImportProgress,
  InputOffset,
  Interaction,
  InteractionKind,
  JournalEntry,
  Lifecycle,
  ModelArtefact,
  ModelRef,
  ModelRole,
  OutcomeCounts,
  ProcessorState,
  Purchase,
  PurchaseKind,
  RatingScale,
  Reason,
  Score,
  ScoreValue,
  Strain,
  Tick,
  Tier,
  TierChange,
  TierReason,
  Trade,
  Voice,
} from "./records.ts";
export { openRegistry } from "./open-registry.ts";
export type { RegistryDescription } from "./open-registry.ts";
export type { SchemaRegistry } from "./schema-registry.ts";
export { CUSTOMER_TOPICS, TOPIC_PREFIX_DEFAULT, topicNames, topicSpecs } from "./topics.ts";
export type { TopicNames, TopicSettings } from "./topics.ts";
