import type { CommandContext } from "./command-context.ts";
import { controlClient } from "./control-client.ts";
import { customerLines } from "./export/customer-lines.ts";
import { inspect, profileLines } from "./inspect-data.ts";
import { draftArtefact } from "./model/draft-artefact.ts";
import { listModels, publishModel } from "./model/published-models.ts";
import { replayIn } from "./replay/replay-in.ts";
import type { DataSource } from "./inspection.ts";
import { commandLogger, dataDirectoryOf, findData } from "./running-server.ts";
import type { Settings } from "@tidemark/installation";

/** Lets a command look into the data directory, or have the server look that has it open. */
export async function withDataSource(
  settings: Settings,
  context: CommandContext,
  use: (source: DataSource) => Promise<void>,
): Promise<void> {
  const found = await findData({
    directory: dataDirectoryOf(settings),
    settings,
    clock: context.clock,
    logger: commandLogger(settings, "inspect"),
    clientId: "tidemark-inspect",
    token: () => context.token(),
    ifMissing: { make: false },
  });
  if ("server" in found) {
    await use(controlClient(found.server.control, context));
    return;
  }
  const data = found.open;
  try {
    await use({
      inspect: async () => inspect(data),
      profiles: () => linesOf(profileLines(data)),
      customer: (id) => linesOf(customerLines(data, id)),
      replay: async (filter) => replayIn(data, context.signal, filter),
      models: async () => listModels(data),
      publish: async (text, role) => publishModel(data, text, role),
      draft: async (tiersBy) => draftArtefact(data, tiersBy),
    });
  } finally {
    await data.close();
  }
}

async function* linesOf(blocks: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  for await (const block of blocks) for (const line of block) yield JSON.stringify(line);
}
