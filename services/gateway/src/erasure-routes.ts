import type { Contracts, Erasure, Profile } from "@tidemark/contracts";
import { type EventLog, partitionOf, type StateReader } from "@tidemark/streams";
import { erasureBody, type ErasureBody, problemBody } from "./bodies.ts";
import { decodeValue } from "./decode-value.ts";
import { copiesAfter } from "./erasure-copies.ts";
import type { HttpServer } from "./http-server.ts";
import { customerParams } from "./known-customer.ts";
import { isoTime } from "./outputs.ts";
import { Problem } from "./problem.ts";
import { notReady } from "./summary-route.ts";

export interface ErasureRoutesOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly states: StateReader;
  /** Of every topic keyed by customer. */
  readonly partitions: number;
  readonly canErase: boolean;
}

/** `DELETE /v1/customers/{id}` erases a customer; `GET /v1/customers/{id}/erasure` tells that it is done. */
export function addErasureRoutes(server: HttpServer, options: ErasureRoutesOptions): void {
  const { log, contracts, partitions, canErase } = options;
  server.delete(
    "/v1/customers/:id",
    {
      schema: {
        tags: ["events"],
        summary: "Erases a customer",
        description:
          "202 means that the erasure is durable; it takes effect with the next turn, and from then on GET answers 410. What is sent later and happened before counts as erased, too.",
        params: customerParams,
        response: { 202: erasureBody, 400: problemBody, 409: problemBody, 503: problemBody },
      },
    },
    async (request, reply): Promise<ErasureBody> => {
      const { id } = request.params;
      if (!isCustomerId(id)) {
        throw new Problem(400, "ID_INVALID", "An id has 1 to 128 bytes of UTF-8 without control characters.");
      }
      if (!canErase) {
        throw new Problem(409, "ERASURE_KEY_MISSING", "The server has no TIDEMARK_ERASURE_KEY to erase under.");
      }
      const key = Buffer.from(id);
      const { appendedAt } = await log.append([
        { topic: contracts.topics.customers, partition: partitionOf(key, partitions), records: [{ key, value: null }] },
      ]);
      void reply.code(202);
      return { appendedAt: isoTime(appendedAt), erasedAt: null, copies: copiesAfter(appendedAt) };
    },
  );
  server.get(
    "/v1/customers/:id/erasure",
    {
      schema: {
        tags: ["queries"],
        summary: "Whether a customer was erased, and until when copies are left",
        params: customerParams,
        response: { 200: erasureBody, 404: problemBody, 503: problemBody },
      },
    },
    async (request, reply): Promise<ErasureBody> => {
      const erasure = await newestErasure(options, request.params.id);
      if (erasure === null) throw new Problem(404, "NOT_ERASED", "No erasure of this customer is known.");
      void reply.header("cache-control", "no-store");
      const { erasedAt, appendedAt } = erasure;
      return { appendedAt: isoTime(appendedAt), erasedAt: isoTime(erasedAt), copies: copiesAfter(appendedAt) };
    },
  );
}

/** As the marker has it, or the profile of a customer who has come back. @throws Problem 503 */
async function newestErasure(
  { contracts, states }: ErasureRoutesOptions,
  id: string,
): Promise<Pick<Erasure, "erasedAt" | "appendedAt"> | null> {
  if (!states.ready) throw notReady();
  const { codecs } = contracts;
  const { value, marker } = states.read(id);
  if (marker !== null) return decodeValue<Erasure>(contracts, codecs.erasure, marker);
  if (value === null) return null;
  const { erasedAt, erasureAppendedAt } = await decodeValue<Profile>(contracts, codecs.processorState, value);
  return erasureAppendedAt === 0 ? null : { erasedAt, appendedAt: erasureAppendedAt };
}

/** As the records of events have them. */
const ID_BYTES_MAX = 128;

function isCustomerId(text: string): boolean {
  return text !== "" && Buffer.byteLength(text) <= ID_BYTES_MAX && !/\p{Cc}/u.test(text) && text.isWellFormed();
}
