import type { Appended, OffsetRange, Position, TopicSpec } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import type { EncodedSlice } from "./log-core.ts";
import type { CarriedError } from "./port-errors.ts";

/**
 * What goes over the port between the core of a log and a client in another thread. Each request is answered once;
 * notices are not, and take effect in the order in which they were sent among the requests.
 */
export type ToLog = Request | Notice;

/** What may be asked, and how it is answered. */
export interface Calls {
  readonly createTopics: { readonly ask: readonly TopicSpec[]; readonly answer: void };
  readonly topics: { readonly ask: null; readonly answer: readonly TopicSpec[] };
  readonly offsets: {
    readonly ask: { readonly topic: string; readonly partition: number };
    readonly answer: OffsetRange;
  };
  readonly fetch: { readonly ask: FetchAsk; readonly answer: readonly EncodedSlice[] };
  /** Its bytes are transferred. */
  readonly append: {
    readonly ask: { readonly parts: readonly EncodedPart[]; readonly after: number };
    readonly answer: Appended;
  };
  /** The writer is called by the id of this request from then on. */
  readonly openWriter: { readonly ask: { readonly name: string }; readonly answer: void };
  /** Its bytes are transferred. */
  readonly commit: {
    readonly ask: { readonly writer: number; readonly parts: readonly EncodedPart[] };
    readonly answer: Appended;
  };
}

export interface FetchAsk {
  readonly positions: readonly Position[];
  readonly bytesMaxPerPartition: number;
  readonly waitMsMax: number;
}

export type CallKind = keyof Calls;

/** Ids are the client's to give, each once. */
export type Request = {
  readonly [Kind in CallKind]: { readonly kind: Kind; readonly id: number; readonly ask: Calls[Kind]["ask"] };
}[CallKind];

export type Notice =
  /** The fetch of that id is to answer with what there is; it may have done so already. */
  { readonly kind: "cancelFetch"; readonly id: number } | { readonly kind: "closeWriter"; readonly writer: number };

/** The bytes of slices are transferred. */
export type Answer =
  | { readonly id: number; readonly answer: Calls[CallKind]["answer"] }
  | { readonly id: number; readonly error: CarriedError };
