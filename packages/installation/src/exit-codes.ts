/** How a process ends. The numbers are part of the contract: scripts branch on them. */
export const exitCodes = {
  ok: 0,
  /** Rows were rejected, or a check failed; everything else was done. */
  rowsRejected: 1,
  usage: 2,
  /** Configuration, schema or version. */
  configuration: 3,
  directoryLocked: 4,
  /** Broker, registry or server. */
  unreachable: 5,
  /** The log, the truth itself, is damaged: only a backup helps. */
  logDamaged: 6,
  invariantBroken: 70,
  /** Stopped by the person at the keyboard (128 + SIGINT), as shells report it. */
  interrupted: 130,
} as const;

/** The exit code for whatever ended a process; errors of the ports are told apart by their `code`. */
export function exitCodeOf(error: unknown): number {
  return exitCodesByErrorCode.get(errorCodeOf(error) ?? "") ?? exitCodes.invariantBroken;
}

/** The `code` of an error, where it has one. */
export function errorCodeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** What went wrong first, where closing what stood on it went wrong as well. */
export function firstFailure(error: unknown): unknown {
  return error instanceof SuppressedError ? firstFailure(error.suppressed) : error;
}

const exitCodesByErrorCode: ReadonlyMap<string, number> = new Map([
  ["DIRECTORY_LOCKED", exitCodes.directoryLocked],
  ["VERSION_TOO_NEW", exitCodes.configuration],
  ["TOPIC_MISMATCH", exitCodes.configuration],
  ["REGISTRY_UNREADABLE", exitCodes.configuration],
  ["REGISTRY_MISCONFIGURED", exitCodes.configuration],
  ["SCHEMA_INCOMPATIBLE", exitCodes.configuration],
  ["CONFIG_INVALID", exitCodes.configuration],
  // The machine's clock is part of what the installation is told.
  ["CLOCK_HALTED", exitCodes.configuration],
  ["ERASURE_SECRET_WRONG", exitCodes.configuration],
  ["LOG_DENIED", exitCodes.configuration],
  ["LOG_CORRUPTED", exitCodes.logDamaged],
  ["LOG_UNAVAILABLE", exitCodes.unreachable],
  ["STORE_UNAVAILABLE", exitCodes.unreachable],
  ["REGISTRY_UNAVAILABLE", exitCodes.unreachable],
  ["MODEL_UNUSABLE", exitCodes.configuration],
  ["TOKEN_UNAVAILABLE", exitCodes.unreachable],
]);
