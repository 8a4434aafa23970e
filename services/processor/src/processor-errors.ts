import { OPERATING_ERRORS } from "@tidemark/installation";
import { ThreadDied } from "./thread-died.ts";

/** As {@link OPERATING_ERRORS}: the operator may read their messages. */
export const PROCESSOR_ERRORS = [...OPERATING_ERRORS, ThreadDied] as const;
