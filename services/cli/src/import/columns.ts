import { CommandFailed, exitCodes } from "../failure.ts";

/** Which column holds what, as indexes into the table's columns; null = there is none. */
export interface Columns {
  readonly customer: number;
  readonly time: number;
  readonly amount: number;
  readonly order: number | null;
}

/** Columns named on the command line; null = find it by the usual names. */
export interface ColumnNames {
  readonly customer: string | null;
  readonly time: string | null;
  readonly amount: string | null;
  readonly order: string | null;
}

/**
 * Finds the columns by the names given, else by the usual ones.
 * @throws CommandFailed (usage) that lists the file's columns, where they are names, and the options to name them with
 */
export function findColumns(columns: readonly string[], names: ColumnNames): Columns {
  const problems: string[] = [];
  const found = (role: keyof ColumnNames): number | null => {
    const name = names[role];
    const index = name === null ? usualIndex(columns, role) : namedIndex(columns, name);
    if (index === null && name !== null) problems.push(`there is no column "${name}" (--${role}-column)`);
    if (index === null && name === null && role !== "order") {
      problems.push(`no column looks like the ${descriptions[role]}; name it with --${role}-column`);
    }
    return index;
  };
  const [customer, time, amount, order] = [found("customer"), found("time"), found("amount"), found("order")];
  if (problems.length > 0 || customer === null || time === null || amount === null) {
    throw new CommandFailed(exitCodes.usage, [...problems, columnsInWords(columns)].join("\n"));
  }
  return { customer, time, amount, order };
}

/** A file without a header begins with somebody's purchase, which is not for a terminal or the log of a job. */
function columnsInWords(columns: readonly string[]): string {
  if (columns.some(isNumberOrDate)) {
    return "the first line holds a number or a date where it should name a column, so it is not shown: is the header missing?";
  }
  const listed = columns.slice(0, LISTED_MAX).map((column) => JSON.stringify(column.slice(0, LISTED_LENGTH_MAX)));
  return `the file's columns are: ${listed.join(", ")}`;
}

function isNumberOrDate(cell: string): boolean {
  return /\p{N}/u.test(cell) && !/\p{L}/u.test(cell);
}

const LISTED_MAX = 50;
const LISTED_LENGTH_MAX = 60;

const descriptions = { customer: "customer's id", time: "time of purchase", amount: "amount" } as const;

/**
 * The usual names, the surest first; written without case, blanks and punctuation. `price` is not among them: it is as
 * often the price of one piece as that of the whole.
 */
const usualNames: Readonly<Record<keyof ColumnNames, readonly string[]>> = {
  customer: words(`customerid customer customernumber customerno customerkey custid cust clientid client
    userid user memberid member buyerid buyer shopperid accountid account contactid`),
  time: words(`occurredat purchasedat orderedat time datetime timestamp purchasetime ordertime
    date purchasedate orderdate transactiondate transactiontime invoicedate saledate createdat created day`),
  amount: words(`amount totalamount orderamount grossamount total ordertotal grandtotal totalprice
    value ordervalue revenue sales spend spent sum netamount dollars euros`),
  order: words(`orderid order ordernumber orderno invoiceid invoice invoicenumber invoiceno
    transactionid transaction receiptid receipt receiptno`),
};

function words(text: string): string[] {
  return text.split(/\s+/u);
}

function usualIndex(columns: readonly string[], role: keyof ColumnNames): number | null {
  const plain = columns.map((column) => column.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ""));
  const name = usualNames[role].find((usual) => plain.includes(usual));
  return name === undefined ? null : plain.indexOf(name);
}

function namedIndex(columns: readonly string[], name: string): number | null {
  const exact = columns.indexOf(name);
  const index = exact >= 0 ? exact : columns.findIndex((column) => column.toLowerCase() === name.trim().toLowerCase());
  return index < 0 ? null : index;
}
