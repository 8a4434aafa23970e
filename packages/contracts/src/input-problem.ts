/** Why an input event is refused. Stable codes; the message is for a person and never holds a value of the input. */
export class InputProblem {
  readonly code: InputCode;
  /** JSON pointer (RFC 6901) to the field; "" is the whole event. A key of a map is not named: it is the sender's. */
  readonly path: string;
  readonly message: string;

  constructor(code: InputCode, path: string, message: string) {
    this.code = code;
    this.path = path;
    this.message = message;
  }
}

export type InputCode =
  | "UNKNOWN_TYPE"
  | "UNKNOWN_FIELD"
  | "MISSING_FIELD"
  | "WRONG_TYPE"
  | "UNKNOWN_SYMBOL"
  | "ID_INVALID"
  | "STRING_INVALID"
  | "STRING_TOO_LONG"
  | "NAME_INVALID"
  | "AMOUNT_OUT_OF_RANGE"
  | "NUMBER_OUT_OF_RANGE"
  | "CURRENCY_UNKNOWN"
  | "TIME_INVALID"
  | "TIME_OUT_OF_RANGE"
  | "TOO_MANY_ATTRIBUTES"
  | "TOO_MANY_ITEMS";
