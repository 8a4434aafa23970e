import { InvariantBroken, OPERATING_FAILURES } from "./errors.ts";

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

/** The error with the same message, code and stack; of its own class where that is one of the runtime's or the language's. */
export function revivedError({ name, message, stack, code, cause }: CarriedError): Error {
  const Known =
    KNOWN.find((Class) => new Class().code === code) ?? OF_THE_LANGUAGE.find((Class) => Class.name === name);
  const options = cause === null ? undefined : { cause: revivedError(cause) };
  const error = Known === undefined ? new Error(message, options) : new Known(message, options);
  if (error.name !== name) error.name = name;
  if (stack !== null) error.stack = stack;
  return "code" in error || code === null ? error : Object.assign(error, { code });
}

const CAUSES_MAX = 4;
const KNOWN = [...OPERATING_FAILURES, InvariantBroken] as const;
const OF_THE_LANGUAGE = [TypeError, RangeError, SyntaxError, ReferenceError] as const;
