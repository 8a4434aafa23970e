import { InvariantBroken } from "@tidemark/streams";
import { PROCESSOR_ERRORS } from "./processor-errors.ts";

/** An error on its way to another thread, where an error of a class of our own would arrive without class and code. */
export interface CarriedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  readonly code: string | null;
  readonly cause: CarriedError | null;
}

export function carryError(thrown: unknown, depth = 0): CarriedError {
  if (!(thrown instanceof Error)) {
    return { name: "Error", message: String(thrown), stack: null, code: null, cause: null };
  }
  const { name, message, stack = null, cause } = thrown;
  return {
    name,
    message,
    stack,
    code: "code" in thrown && typeof thrown.code === "string" ? thrown.code : null,
    cause: cause === undefined || depth >= CAUSES_MAX ? null : carryError(cause, depth + 1),
  };
}

/** The error with the same message, code and stack; of its own class where that is one that operation knows. */
export function revivedError({ name, message, stack, code, cause }: CarriedError): Error {
  const Known = KNOWN.find((Class) => new Class().code === code);
  const options = cause === null ? undefined : { cause: revivedError(cause) };
  const error = Known === undefined ? new Error(message, options) : new Known(message, options);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return Known === undefined && code !== null ? Object.assign(error, { code }) : error;
}

const CAUSES_MAX = 4;
const KNOWN = [...PROCESSOR_ERRORS, InvariantBroken] as const;
