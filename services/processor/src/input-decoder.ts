import { checkInputRecord, type Codecs, type InputTopic, MalformedRecord, SchemaMissing } from "@tidemark/contracts";
import type { ProfileEvent } from "@tidemark/scoring";
import type { Application, Decoded } from "@tidemark/streams";

/** Input topics in rank order: what is known of a customer comes before what he did in the same millisecond. */
export const INPUTS = ["customers", "purchases", "interactions", "complaints"] as const satisfies readonly InputTopic[];

/** Decodes and validates one record of an input; a bad one is a refusal. */
export function createInputDecoder(codecs: Codecs): Application<never, ProfileEvent>["decode"] {
  return (input, key, value): Decoded<ProfileEvent> => {
    const topic = INPUTS[input];
    if (topic === undefined) throw new Error(`there is no input ${input}`);
    let event: ProfileEvent;
    try {
      event = { topic, record: codecs[topic].decode(value) } as ProfileEvent;
    } catch (error) {
      if (error instanceof SchemaMissing) return { kind: "schema-missing", schemaId: error.id };
      if (error instanceof MalformedRecord) return { kind: "refused", code: error.code, reason: error.message };
      throw error;
    }
    if (event.record.customerId !== key) {
      return { kind: "refused", code: "KEY_MISMATCH", reason: "the record's key is not its customerId" };
    }
    return checkInputRecord(topic, event.record) ?? { kind: "event", event };
  };
}
