import { counted, table } from "./words.ts";

interface FittedParameters {
  readonly parameters: object;
  readonly standardErrors: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
  readonly customers: number;
}

/** Parameters with their standard errors, and what the fit was to, for a person. */
export function parameterLines({ parameters, standardErrors, logLikelihood, customers }: FittedParameters): string[] {
  const rows = Object.entries(parameters).map(([name, value]) => {
    const error = standardErrors[name];
    const known = error !== undefined && Number.isFinite(error);
    return [name, shown(Number(value)), known ? `± ${shown(error)}` : ""];
  });
  return [...table(rows), `  ln L ${logLikelihood.toFixed(3)}, ${counted(customers)} customers`];
}

/** A parameter in at most five figures or four decimals. */
export function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1e6 ? value.toFixed(4) : value.toExponential(3);
}
