import { Command, CommanderError } from "commander";
import { addBacktestCommand } from "./commands/backtest.ts";
import { addEraseCommand } from "./commands/erase.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addExportCommand } from "./commands/export.ts";
import { addFitCommand } from "./commands/fit.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addModelsCommand } from "./commands/models.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addScoreCommand } from "./commands/score.ts";
import { addSimulateCommand } from "./commands/simulate.ts";
import { addTopicsCommand } from "./commands/topics.ts";
import { addStartCommand } from "./commands/start.ts";
import type { CommandContext } from "./command-context.ts";
import { consoleOf } from "./console.ts";
import { CommandFailed, exitCodeOf, exitCodes, firstFailure } from "./failure.ts";

/**
 * Runs one command line to its end.
 * @param words what follows the name of the program
 * @returns the exit code; everything there is to say has been written
 */
export async function runProgram(words: readonly string[], context: CommandContext): Promise<number> {
  const console = consoleOf(context);
  let exitCode: number = exitCodes.ok;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (failure) {
    const error = firstFailure(failure);
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (context.signal.aborted) {
      console.note("stopped");
      return exitCodes.interrupted;
    }
    const code = exitCodeOf(error);
    console.note(`tidemark: ${error instanceof Error ? error.message : String(error)}`);
    if (code === exitCodes.invariantBroken && error instanceof Error && !(error instanceof CommandFailed)) {
      console.note(error.stack ?? "");
    }
    return code;
  }
}

/** @param end tells the exit code of a command that did its work and has to say something by it */
function createProgram(context: CommandContext, end: (exitCode: number) => void): Command {
  const program = new Command("tidemark")
    .description("What each customer is worth now and how likely each is to leave, kept true on every event.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
    })
    .showHelpAfterError("(try --help)")
    .helpCommand(true)
    .addHelpText("after", helpText);
  addStartCommand(program, context);
  addImportCommand(program, context, end);
  addScoreCommand(program, context);
  addExplainCommand(program, context);
  addInspectCommand(program, context);
  addExportCommand(program, context);
  addEraseCommand(program, context);
  addReplayCommand(program, context);
  addFitCommand(program, context, end);
  addModelsCommand(program, context);
  addBacktestCommand(program, context, end);
  addSimulateCommand(program, context);
  addTopicsCommand(program, context, end);
  return program;
}

const helpText = `
First steps:
  tidemark start --demo            a simulated shop, and the page http://localhost:8080
  tidemark import purchases.csv    your own customers, scored
  tidemark start                   the page for them

Exit codes:
  0 done   1 rows were rejected, or a check failed   2 wrong usage   3 configuration, schema or version
  4 the data directory is in use   5 broker, registry or server out of reach   6 the log is damaged: restore a backup
  70 a broken invariant: please report it`;
