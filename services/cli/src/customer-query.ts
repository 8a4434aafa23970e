import { z } from "zod";
import { CommandFailed, exitCodes } from "./failure.ts";
import { jsonIn } from "./json-text.ts";
import type { ServerClient } from "./server-client.ts";

/**
 * `GET /v1/customers/{id}`, or what lies below it.
 * @returns the body of the answer
 * @throws CommandFailed: a failed check where the customer is not known or was erased, wrong usage for a bad `at`
 */
export async function askCustomer(
  client: ServerClient,
  id: string,
  query: Readonly<Record<string, string>>,
  below: "" | "/explanation" = "",
): Promise<string> {
  const words = new URLSearchParams(query).toString();
  const path = `/v1/customers/${encodeURIComponent(id)}${below}${words === "" ? "" : `?${words}`}`;
  const answer = await client.call({ method: "GET", path });
  if (answer.status === 200) return answer.text;
  const detail = jsonIn(problemSchema, answer.text)?.detail ?? null;
  switch (answer.status) {
    case 400:
      throw new CommandFailed(exitCodes.usage, detail ?? "the id or the time cannot be read");
    case 410:
      throw new CommandFailed(exitCodes.rowsRejected, "this customer was erased");
    case 404:
      throw new CommandFailed(exitCodes.rowsRejected, "no such customer: nothing is known under this id");
    default:
      throw new CommandFailed(exitCodes.rowsRejected, detail ?? `the server answers with status ${answer.status}`);
  }
}

const problemSchema = z.object({ detail: z.string() });
