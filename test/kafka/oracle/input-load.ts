import assert from "node:assert/strict";
import { type Contracts, parseInputEvent } from "@tidemark/contracts";
import { type ShopEvent, shopEvents } from "../../integration/shop-events.ts";
import type { Random } from "../../simulation/random.ts";
import type { InputName } from "./run-records.ts";

/** An input record to be sent. */
export interface LoadRecord {
  readonly input: InputName;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** What a shop would send, and what it should not: one in twenty comes again soon, one in a hundred cannot be read. */
export interface InputLoad {
  next(): LoadRecord;
}

const DUPLICATES = 0.05;
const POISON = 0.01;
/** A duplicate is of one of so many before it: a profile remembers more ids than that. */
const RECENT_MAX = 20;

/** @param now ms since the epoch: all events happened in the two months before it */
export function inputLoad(contracts: Contracts, random: Random, now: number, customers: number): InputLoad {
  const shop = shopEvents(random, now, customers);
  const recent: LoadRecord[] = [];
  return {
    next() {
      const again = recent[random.integer(RECENT_MAX)];
      if (again !== undefined && random.chance(DUPLICATES)) return again;
      const event = shop.next();
      const record = recordOf(contracts, event);
      if (random.chance(POISON)) return { ...record, value: Buffer.from("no value of any schema") };
      recent.unshift(record);
      recent.length = Math.min(recent.length, RECENT_MAX);
      return record;
    },
  };
}

function recordOf({ codecs }: Contracts, event: ShopEvent): LoadRecord {
  const parsed = parseInputEvent(event, { referenceAt: null });
  assert(parsed.ok, "the shop sends what the gateway takes");
  const codec = codecs[parsed.topic];
  const value = Buffer.from(codec.encode(parsed.record as never));
  return { input: parsed.topic, key: Buffer.from(event.customerId), value };
}
