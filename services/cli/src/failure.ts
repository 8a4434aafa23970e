import { exitCodeOf as exitCodeOfError } from "@tidemark/installation";

export { errorCodeOf, exitCodes, firstFailure } from "@tidemark/installation";

/** A command cannot go on. The message is one a person can act on; it never carries customers' data. */
export class CommandFailed extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The exit code of whatever ended a command. */
export function exitCodeOf(error: unknown): number {
  return error instanceof CommandFailed ? error.exitCode : exitCodeOfError(error);
}
