import type { Codecs } from "./contracts.ts";
import type { InputRecords, InputTopic } from "./input-record.ts";

/** A record together with the topic that says what it is. */
type InputOfTopic = {
  readonly [T in InputTopic]: { readonly topic: T; readonly record: InputRecords[T] };
}[InputTopic];

/** The bytes of an input record, by the codec of its topic. @throws UnencodableRecord */
export function encodeInput(codecs: Codecs, event: InputOfTopic): Uint8Array {
  switch (event.topic) {
    case "purchases":
      return codecs.purchases.encode(event.record);
    case "interactions":
      return codecs.interactions.encode(event.record);
    case "complaints":
      return codecs.complaints.encode(event.record);
    case "customers":
      return codecs.customers.encode(event.record);
  }
  return event satisfies never;
}
