import { InvariantBroken, LogUnavailable } from "@tidemark/streams";
import { type FarEnd, joinChannel, openChannel } from "@tidemark/thread-channel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Problem } from "../problem.ts";
import { connectIntake } from "./connect-intake.ts";
import type { EventIntake, EventsBody } from "./event-intake.ts";
import type { EventsTaken, TakeEvents } from "./intake-messages.ts";
import { serveIntake } from "./serve-intake.ts";

let far: FarEnd<EventsTaken, TakeEvents>;
let taken: EventsBody[];
let take: EventIntake["take"];
let intake: EventIntake;

beforeEach(async () => {
  const { near, wayIn } = openChannel<TakeEvents, EventsTaken>();
  intake = connectIntake(near);
  far = await joinChannel(wayIn);
  taken = [];
  take = async () => ({ accepted: 1, rejected: [] });
  serveIntake(
    {
      take(body) {
        taken.push(body);
        return take(body);
      },
    },
    far,
  );
});
afterEach(() => far.close());

test("each is given its own answer, in whatever order they come", async () => {
  const answers = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  take = async () => ({ accepted: (await answers[taken.length - 1]?.promise) ?? 0, rejected: [] });
  const asked = [intake.take(bodyOf("first")), intake.take(bodyOf("second"))];
  await expect.poll(() => taken.length).toBe(2);
  answers[1]?.resolve(2);
  expect(await asked[1]).toEqual({ accepted: 2, rejected: [] });
  answers[0]?.resolve(1);
  expect(await asked[0]).toEqual({ accepted: 1, rejected: [] });
  expect(taken.map(({ form, bytes }) => [form, Buffer.from(bytes).toString()])).toEqual([
    ["ndjson", "first"],
    ["ndjson", "second"],
  ]);
});

test("what shares its memory with a body stays as it is", async () => {
  const pool = Buffer.from("a body and what lies beside it");
  await intake.take({ form: "json", bytes: pool.subarray(0, 6) });
  expect(pool.toString()).toBe("a body and what lies beside it");
  expect(taken.map(({ bytes }) => bytes.buffer.byteLength)).toEqual([6]);
});

test("a refusal arrives as the problem that it is", async () => {
  const refusal = new Problem(422, "ALL_REJECTED", "None can be taken.", { members: { rejected: [{ index: 0 }] } });
  take = () => Promise.reject(refusal);
  const thrown: unknown = await intake.take(bodyOf("bad")).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(Problem);
  const { status, code, message, members } = refusal;
  expect(thrown).toMatchObject({ status, code, message, members });
});

test.each([new LogUnavailable("the disk is full"), new InvariantBroken("offsets rise"), new TypeError("a slip")])(
  "a failure arrives with its class: %s",
  async (failure) => {
    take = () => Promise.reject(failure);
    const thrown: unknown = await intake.take(bodyOf("any")).catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(failure.constructor);
    expect(thrown).toMatchObject({ message: failure.message });
  },
);

test("where the other thread is gone nothing is known to be stored", async () => {
  take = () => new Promise(() => undefined);
  const waiting = intake.take(bodyOf("under way"));
  await expect.poll(() => taken.length).toBe(1);
  await far.close();
  await expect(waiting).rejects.toThrow(LogUnavailable);
  await expect(intake.take(bodyOf("later"))).rejects.toThrow(LogUnavailable);
});

function bodyOf(text: string): EventsBody {
  return { form: "ndjson", bytes: Buffer.from(text) };
}
