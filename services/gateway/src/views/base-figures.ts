import type { Contracts } from "@tidemark/contracts";
import {
  addSums,
  BASE_FIELDS,
  BaseAggregate,
  type BaseMember,
  type BaseSums,
  createBaseSums,
} from "@tidemark/scoring/base";
import type { ViewAggregate } from "@tidemark/streams";

/** Reads what the figures want of a profile. It is compiled, so that one is made for all partitions. */
export type BaseSelection = ReturnType<typeof selectForBase>;

export function selectForBase({ codecs }: Contracts) {
  return codecs.processorState.select([...BASE_FIELDS, "lifecycle"]);
}

/**
 * The figures of one partition's customers, kept up to date by every change of a profile: what a View keeps beside its states.
 * @param lapseDays a buyer has lapsed after so many days without a purchase
 */
export function createBaseFigures(select: BaseSelection, lapseDays: number): ViewAggregate {
  const memberOf = (bytes: Uint8Array | null): BaseMember | null => {
    if (bytes === null) return null;
    // Nothing of it is kept: to read it again when it changes costs less than to keep, and to collect, what few will ask for.
    const profile = select(bytes);
    return { profile, lifecycle: profile.lifecycle };
  };
  const aggregate = new BaseAggregate(lapseDays);
  return {
    update: (before, after) => aggregate.update(memberOf(before), memberOf(after)),
    save: () => Buffer.from(JSON.stringify(aggregate.save())),
    load: (bytes) => aggregate.load(parsed(bytes)),
  };
}

/** What {@link createBaseFigures} saved. @param bytes null = nothing yet */
export function savedSums(bytes: Uint8Array | null, lapseDays: number): BaseSums {
  const aggregate = new BaseAggregate(lapseDays);
  if (bytes !== null) aggregate.load(parsed(bytes));
  return aggregate.sums;
}

function parsed(bytes: Uint8Array): object {
  return JSON.parse(Buffer.from(bytes).toString()) as object;
}

/** All partitions' figures together. */
export function sumFigures(parts: readonly BaseSums[]): BaseSums {
  const sum = createBaseSums(Math.max(1, parts.length));
  for (const sums of parts) addSums(sum, sums);
  return sum;
}
