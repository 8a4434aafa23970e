import { systemClock } from "@tidemark/clock";
import { type GroupLimits, joinGroup } from "@tidemark/log-kafka";

/** For tests that stop and kill: a member of a group in a process of its own, which prints what it owns and what is confirmed. */
export interface MemberSetup {
  readonly brokers: readonly string[];
  readonly groupId: string;
  readonly topic: string;
  readonly limits: Partial<GroupLimits>;
}

export interface MemberLine {
  readonly kind: "owned" | "confirmed";
  readonly partitions: readonly number[];
}

const setup = JSON.parse(process.argv[2] ?? "") as MemberSetup;
const member = joinGroup({ ...setup, clientId: "member-process", clock: systemClock(), onProblem: () => undefined });
const forever = new AbortController().signal;
for (let generation = 0; ;) {
  const owned = await member.next(generation, forever);
  ({ generation } = owned);
  print({ kind: "owned", partitions: owned.partitions });
  for (const partition of owned.partitions) void confirm(partition);
}

async function confirm(partition: number): Promise<void> {
  await member.confirm(partition, forever);
  print({ kind: "confirmed", partitions: [partition] });
}

function print(line: MemberLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
