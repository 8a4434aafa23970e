import type { CommandContext } from "./command-context.ts";
import { controlClient } from "./control-client.ts";
import { dataHere } from "./data-here.ts";
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
    const here = dataHere(data, context.signal);
    await use({
      ...here,
      profiles: () => linesOf(here.profiles(), context.signal),
      customer: (id) => linesOf(here.customer(id), context.signal),
    });
  } finally {
    await data.close();
  }
}

async function* linesOf(blocks: AsyncIterable<readonly unknown[]>, signal: AbortSignal): AsyncGenerator<string> {
  for await (const block of blocks) {
    for (const line of block) {
      signal.throwIfAborted();
      yield JSON.stringify(line);
    }
  }
}
