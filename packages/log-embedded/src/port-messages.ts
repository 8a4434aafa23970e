import type { Appended, CarriedError, OffsetRange, Position, TopicSpec } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import type { EncodedSlice, WriterEpoch } from "./log-core.ts";

/** What goes over the port from a client to the core of a log in another thread; each request is answered once. */
export type ToLog = Request | CancelFetch;

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
  readonly openWriter: { readonly ask: { readonly id: string }; readonly answer: WriterEpoch };
  /** Its bytes are transferred. */
  readonly commit: {
    readonly ask: { readonly writer: WriterEpoch; readonly parts: readonly EncodedPart[] };
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

/** The fetch of that id is to answer with what there is; it may have done so already. Not answered itself. */
export interface CancelFetch {
  readonly kind: "cancelFetch";
  readonly id: number;
}

/** The bytes of slices are transferred. */
export type Answer =
  | { readonly id: number; readonly answer: Calls[CallKind]["answer"] }
  | { readonly id: number; readonly error: CarriedError };
