import type * as Streams from "@tidemark/streams";

/** The runtime under test: the package itself, or a copy with a fault planted in it. */
export type Runtime = typeof Streams;

/** One partition is enough: partitions share nothing. A second one exists so that a record can be in the wrong one. */
export const PARTITION = 0;
export const PARTITIONS = 2;
