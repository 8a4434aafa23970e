import type { CommandContext } from "./command-context.ts";
import { controlClient } from "./control-client.ts";
import { inspect, profileLines } from "./inspect-data.ts";
import type { InspectSource } from "./inspection.ts";
import type { OpenData } from "./opened-data.ts";
import { commandLogger, dataDirectoryOf, findData } from "./running-server.ts";
import type { Settings } from "@tidemark/installation";

/** Lets a command look into the data directory, or have the server look that has it open. */
export async function withInspectSource(
  settings: Settings,
  context: CommandContext,
  use: (source: InspectSource) => Promise<void>,
): Promise<void> {
  const found = await findData({
    directory: dataDirectoryOf(settings),
    settings,
    clock: context.clock,
    logger: commandLogger(settings, "inspect"),
    clientId: "tidemark-inspect",
    ifMissing: { make: false },
  });
  if ("server" in found) {
    await use(controlClient(found.server.control, context));
    return;
  }
  const data = found.open;
  try {
    await use({ inspect: async () => inspect(data), profiles: () => linesOf(data) });
  } finally {
    await data.close();
  }
}

async function* linesOf(data: OpenData): AsyncGenerator<string> {
  for await (const block of profileLines(data)) for (const line of block) yield JSON.stringify(line);
}
