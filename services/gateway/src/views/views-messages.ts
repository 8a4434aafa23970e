import type { CarriedError, ViewProgress } from "@tidemark/streams";

/** What goes over the channel between those who read views and the thread that these follow in. */
export type ToViews =
  /** A reader has found the partition's store damaged. */
  | { readonly kind: "damaged"; readonly partition: number; readonly error: CarriedError }
  /** The answer to `clear` and `reopen`: it is done and the store open, or what it failed with. */
  | { readonly kind: "done"; readonly partition: number; readonly error: CarriedError | null }
  /** Answered with `ended`. */
  | { readonly kind: "stop" };

export type FromViews =
  /** null = nothing is known of the partition until the next. */
  | { readonly kind: "progress"; readonly partition: number; readonly progress: ViewProgress | null }
  /** The store is to be emptied: the thread has closed it. */
  | { readonly kind: "clear"; readonly partition: number }
  /** The store is to be opened again: the thread has closed it. */
  | { readonly kind: "reopen"; readonly partition: number }
  | { readonly kind: "restart"; readonly error: CarriedError }
  /** The last: stopped, or ended by an error. The thread has all stores closed. */
  | { readonly kind: "ended"; readonly error: CarriedError | null };
