import { OPERATING_FAILURES } from "@tidemark/streams";
import { ThreadDied } from "./thread-died.ts";

/** Their messages name partitions, offsets, files and what to do, and never a customer: the operator may read them. */
export const OPERATING_ERRORS = [...OPERATING_FAILURES, ThreadDied] as const;
