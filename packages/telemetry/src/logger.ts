import { pino } from "pino";
import { describeError, type ErrorClass } from "./error-record.ts";
import { admit, type Constant, type LogFields } from "./log-fields.ts";

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Lines of JSON for the operator. Never one per event: a line costs 5–8 µs. What a line may carry is held by types
 * and again at run time (`log-fields.ts`, `error-record.ts`): no customer data by construction.
 */
export interface Logger {
  debug<Text extends string, Fields>(message: Constant<Text>, fields?: Fields & LogFields<Fields>): void;
  info<Text extends string, Fields>(message: Constant<Text>, fields?: Fields & LogFields<Fields>): void;
  warn<Text extends string, Fields>(message: Constant<Text>, fields?: Fields & LogFields<Fields>): void;
  error<Text extends string, Fields>(message: Constant<Text>, fields?: Fields & LogFields<Fields>): void;
  /** A logger that adds these fields to each line. */
  child<Fields>(fields: Fields & LogFields<Fields>): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** The process or service, for instance `gateway`. */
  readonly name: string;
  /** Error classes whose messages hold no customer data and are kept; default none. */
  readonly vouched?: readonly ErrorClass[];
  /** Where lines go; default standard error, so that what a command prints stays its own. */
  readonly destination?: { write(line: string): unknown };
}

/** Lines are written before the call returns, so that the last words of a crash are there. */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? standardError();
  const sink = pino(
    {
      level: options.level,
      name: options.name,
      // No pid and host name: whoever collects the lines knows where they came from.
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void destination.write(line) },
  );
  return loggerOver(sink, {}, options.vouched ?? []);
}

/** What it does not take, as where it is a file on a full disk, waits up to a bound and is then lost: whoever logs goes on. */
function standardError(): { write(line: string): unknown } {
  const lines = pino.destination({ fd: 2, sync: true, maxLength: WAITING_LENGTH_MAX });
  lines.on("error", () => undefined);
  return lines;
}

const WAITING_LENGTH_MAX = 64 * 1024;

type Sink = Readonly<Record<"debug" | "info" | "warn" | "error", (fields: object, message: string) => void>>;

function loggerOver(sink: Sink, bound: Readonly<Record<string, unknown>>, vouched: readonly ErrorClass[]): Logger {
  const admitted = (fields: object | undefined): Record<string, unknown> => {
    const line: Record<string, unknown> = { ...bound };
    for (const [name, value] of Object.entries(fields ?? {})) {
      line[name] = name === "error" ? describeError(value, vouched) : admit(name, value);
    }
    return line;
  };
  return {
    debug: (message, fields) => sink.debug(admitted(fields), message),
    info: (message, fields) => sink.info(admitted(fields), message),
    warn: (message, fields) => sink.warn(admitted(fields), message),
    error: (message, fields) => sink.error(admitted(fields), message),
    child: (fields) => loggerOver(sink, admitted(fields), vouched),
  };
}
