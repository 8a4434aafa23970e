import { checkInputRecord, type Codecs, type InputTopic, MalformedRecord, SchemaMissing } from "@tidemark/contracts";
import type { ProfileEvent } from "@tidemark/scoring";
import type { Application, Decoded } from "@tidemark/streams";

/** Input topics in rank order: what is known of a customer comes before what he did in the same millisecond. */
export const INPUTS = ["customers", "purchases", "interactions", "complaints"] as const satisfies readonly InputTopic[];

type InputDecoder = Pick<Application<never, ProfileEvent>, "schemaMissing" | "decode">;

/** Decodes and validates one record of an input; a bad one is a refusal. */
export function createInputDecoder(codecs: Codecs): InputDecoder {
  return {
    schemaMissing: (input, value) => codecs[topicOf(input)].schemaMissing(value),
    decode: (input, key, value) => decode(codecs, topicOf(input), key, value),
  };
}

function topicOf(input: number): InputTopic {
  const topic = INPUTS[input];
  if (topic === undefined) throw new Error(`there is no input ${input}`);
  return topic;
}

function decode(codecs: Codecs, topic: InputTopic, key: string, value: Uint8Array): Decoded<ProfileEvent> {
  let event: ProfileEvent;
  try {
    event = { topic, record: codecs[topic].decode(value) } as ProfileEvent;
  } catch (error) {
    if (error instanceof SchemaMissing) return { kind: "refused", code: "SCHEMA_UNKNOWN", reason: UNKNOWN };
    if (error instanceof MalformedRecord) return { kind: "refused", code: error.code, reason: error.message };
    throw error;
  }
  if (event.record.customerId !== key) {
    return { kind: "refused", code: "KEY_MISMATCH", reason: "the record's key is not its customerId" };
  }
  return checkInputRecord(topic, event.record) ?? { kind: "event", event };
}

/** It was asked for before: to ask again would be to ask for ever. */
const UNKNOWN = "the schema of the record could not be made known";
