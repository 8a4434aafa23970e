/**
 * An error as it goes to the log. Parsers and clients quote their input in messages (`Unexpected token … in "…"`),
 * so a message is kept only where its origin is known: errors of the operating system and of the database's files (they
 * name a call and a path), and the classes the caller vouches for. Of every other error the class, the code and the places in the
 * code remain, which is enough to find it.
 */
export interface ErrorRecord {
  readonly type: string;
  readonly code?: string | number;
  readonly message?: string;
  /** Places in the code, innermost first, at most {@link FRAMES_MAX}. */
  readonly at?: readonly string[];
  readonly cause?: ErrorRecord;
}

/** Any class of errors whose messages hold no customer data. */
export type ErrorClass = abstract new (...args: never[]) => Error;

const FRAMES_MAX = 8;
const CAUSES_MAX = 4;
const FRAME = /^\s+at (?:async )?[^\n]*?\(?((?:file:|node:|\/)[^\s()]*:\d+:\d+)\)?$/;
const NAME = /^[A-Za-z_$][\w$]{0,60}$/;

/**
 * @param thrown anything, not only an Error
 * @param vouched classes whose messages are kept
 */
export function describeError(thrown: unknown, vouched: readonly ErrorClass[], depth = 0): ErrorRecord {
  if (!(thrown instanceof Error)) return { type: thrown === null ? "null" : typeof thrown };
  const code = codeOf(thrown);
  const at = framesOf(thrown);
  return {
    type: NAME.test(thrown.constructor.name) ? thrown.constructor.name : "Error",
    ...(code === undefined ? {} : { code }),
    ...(isFileError(thrown) || vouched.some((known) => thrown instanceof known) ? { message: thrown.message } : {}),
    ...(at.length === 0 ? {} : { at }),
    ...(thrown.cause === undefined || depth >= CAUSES_MAX
      ? {}
      : { cause: describeError(thrown.cause, vouched, depth + 1) }),
  };
}

function codeOf(error: Error): string | number | undefined {
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "number") return code;
  return typeof code === "string" && NAME.test(code) ? code : undefined;
}

/** Node's errors of system calls carry both; LevelDB's name a file and what the system said of it. */
function isFileError(error: Error): boolean {
  return ("syscall" in error && "errno" in error) || codeOf(error) === "LEVEL_IO_ERROR";
}

function framesOf(error: Error): readonly string[] {
  // The head of a stack repeats the message, which may itself look like frames: it is cut off by length, not by shape.
  const stack = error.stack ?? "";
  const head = stack.indexOf(error.message);
  const frames: string[] = [];
  for (const line of stack.slice(head < 0 ? 0 : head + error.message.length).split("\n")) {
    const place = FRAME.exec(line)?.[1];
    if (place !== undefined) frames.push(place);
    if (frames.length === FRAMES_MAX) break;
  }
  return frames;
}
