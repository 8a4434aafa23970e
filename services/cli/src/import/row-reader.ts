import { isAddressable, isCurrency, parseAmount } from "@tidemark/contracts";
import { CommandFailed, exitCodes } from "../failure.ts";
import type { Columns } from "./columns.ts";
import type { RowFault } from "./lines.ts";
import type { TimeReader } from "./time-text.ts";

/** What a row says, understood. Two rows that say the same are identical, however they are written. */
export interface PurchaseRow {
  readonly occurredAt: number;
  readonly customerId: string;
  /** Empty = none. */
  readonly orderId: string;
  /** Minor units; negative = a refund. */
  readonly amountMinor: number;
}

export interface RowReaderOptions {
  readonly columns: Columns;
  readonly readTime: TimeReader;
  /** ISO 4217. */
  readonly currency: string;
  /** Latest time taken, ms since the epoch. */
  readonly latestAt: number;
}

/**
 * Reads the cells of one row; what is wrong comes back as a fault, which never quotes the cells.
 * @throws CommandFailed (configuration) if the currency is unknown
 */
export function rowReader(options: RowReaderOptions): (cells: readonly string[]) => PurchaseRow | RowFault {
  const { columns, readTime, currency, latestAt } = options;
  if (!isCurrency(currency)) {
    throw new CommandFailed(exitCodes.configuration, "the currency is not an ISO 4217 code such as EUR or USD");
  }
  return (cells) => {
    const customerId = (cells[columns.customer] ?? "").trim();
    if (customerId === "") return fault("CUSTOMER_MISSING", "the row names no customer");
    const customerFault = idFault(customerId, "customer's id");
    if (customerFault !== null) return customerFault;
    if (!isAddressable(customerId)) {
      return fault("ID_INVALID", "the customer's id is . or .., which no address can name");
    }

    const orderId = columns.order === null ? "" : (cells[columns.order] ?? "").trim();
    const orderFault = idFault(orderId, "order");
    if (orderFault !== null) return orderFault;

    const timeText = (cells[columns.time] ?? "").trim();
    if (timeText === "") return fault("TIME_MISSING", "the row has no time");
    const occurredAt = readTime(timeText);
    if (occurredAt === null) return timeNotUnderstood;
    if (occurredAt < 0) return fault("TIME_OUT_OF_RANGE", "the time is before 1970");
    if (occurredAt > latestAt) return fault("TIME_OUT_OF_RANGE", "the time is more than seven days in the future");

    const amountText = (cells[columns.amount] ?? "").trim();
    if (amountText === "") return fault("AMOUNT_MISSING", "the row has no amount");
    const amount = parseAmount(amountText, currency);
    if (!amount.ok) return fault(amount.code, `the amount is ${amount.message}`);
    return { occurredAt, customerId, orderId, amountMinor: amount.amountMinor };
  };
}

/** Bound of ids on public topics, in UTF-8. */
const ID_BYTES_MAX = 128;

const timeNotUnderstood: RowFault = {
  code: "TIME_NOT_UNDERSTOOD",
  reason: "the time is no date that exists in a form known here; say how it is written, e.g. --time-format dd.MM.yyyy",
};

function idFault(id: string, what: string): RowFault | null {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/u.test(id)) {
    return fault("ID_CONTROL_CHARACTER", `the ${what} contains a control character`);
  }
  if (id.length > ID_BYTES_MAX / 3 && Buffer.byteLength(id) > ID_BYTES_MAX) {
    return fault("ID_TOO_LONG", `the ${what} is longer than ${ID_BYTES_MAX} bytes`);
  }
  // JSON can say what UTF-8 cannot: on the way into the log two such ids would become one.
  if (!id.isWellFormed()) return fault("STRING_INVALID", `the ${what} holds half a surrogate pair`);
  return null;
}

function fault(code: string, reason: string): RowFault {
  return { code, reason };
}
