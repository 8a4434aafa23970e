import { appendTo, directoryWithProfiles, withServer } from "./all-in-one.ts";
import type { Benchmark } from "./benchmark.ts";
import { runJob, startJob } from "./child.ts";
import { takenPerSecond } from "./feed.ts";
import { watchMemory } from "./memory.ts";

export const memory: Benchmark = {
  name: "memory",
  summary: "peak anonymous memory of the all-in-one process under load",
  async run(context) {
    const { profiles, feedSeconds, feedEventsPerSecond, queriesPerSecond, backlogEvents } = context.sizes;
    const directory = await directoryWithProfiles(context, profiles);
    await appendTo(directory, context, { events: backlogEvents, customers: profiles, seed: 3 });
    const peaks = await withServer(directory, context, async (server) => {
      using watch = watchMemory(server.pid);
      context.step("working them off");
      await server.caughtUp();
      const ofBacklog = watch.peakMb();
      context.step(`posting ${feedEventsPerSecond} events a second, and asking`);
      using watchOfFeed = watchMemory(server.pid);
      const of = { url: server.url, customers: profiles };
      const asking = startJob(
        "query",
        { ...of, ratePerSecond: queriesPerSecond, warmUpSeconds: 0, seconds: null, urgent: false },
        context,
      );
      const feed = { ...of, eventsPerSecond: feedEventsPerSecond, seconds: feedSeconds, seed: 4, ahead: false };
      takenPerSecond(await runJob("feed", feed, context));
      asking.stop();
      await asking.result;
      return { ofBacklog, ofFeed: watchOfFeed.peakMb() };
    });
    const of = `${profiles} customers`;
    return {
      figures: [
        {
          name: `peak at ${of}`,
          value: Math.max(peaks.ofBacklog, peaks.ofFeed),
          unit: "MB",
          target: { atMost: 512 },
        },
        { name: `peak at ${of}, start and ${backlogEvents} events of backlog`, value: peaks.ofBacklog, unit: "MB" },
        { name: `peak at ${of}, ${feedEventsPerSecond} events/s and queries`, value: peaks.ofFeed, unit: "MB" },
      ],
      tables: [],
    };
  },
};
