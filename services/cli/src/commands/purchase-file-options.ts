import { type Command, InvalidArgumentError } from "commander";

/** The options by which `fit` and `backtest` read a file, as `import` reads it. */
export function addPurchaseFileOptions(command: Command): Command {
  return command
    .argument("<FILE>", "CSV with a header line or NDJSON, gzip of either; - for standard input")
    .option("--customer-column <NAME>", "column of the customer's id (found by its usual names)")
    .option("--time-column <NAME>", "column of the time of purchase (found likewise)")
    .option("--amount-column <NAME>", "column of the amount; a negative one is no purchase (found likewise)")
    .option("--time-format <PATTERN>", "how times are written, e.g. dd.MM.yyyy HH:mm, or epoch-s, epoch-ms")
    .option("--rejects <FILE>", "where to list rejected rows (FILE.rejects.csv in this directory)");
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(", ")}.`);
    return word;
  };
}
