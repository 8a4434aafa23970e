import abc from "./presets/abc.json" with { type: "json" };
import bankPersonal from "./presets/bank-personal.json" with { type: "json" };
import credit from "./presets/credit.json" with { type: "json" };
import crvp from "./presets/crvp.json" with { type: "json" };
import importance from "./presets/importance.json" with { type: "json" };
import perceivedValue from "./presets/perceived-value.json" with { type: "json" };
import rfm from "./presets/rfm.json" with { type: "json" };
import satisfaction from "./presets/satisfaction.json" with { type: "json" };
import servqual from "./presets/servqual.json" with { type: "json" };
import supplier from "./presets/supplier.json" with { type: "json" };
import { parseScorecard } from "./parse-scorecard.ts";
import type { Scorecard } from "./scorecard.ts";

/** Scorecards of the published schemes, by name. An installation's own are parsed from its files in the same way. */
export const PRESETS: ReadonlyMap<string, Scorecard> = new Map(
  [rfm, abc, crvp, bankPersonal, supplier, perceivedValue, servqual, satisfaction, credit, importance].map((json) => {
    const parsed = parseScorecard(json);
    if (!parsed.ok) {
      throw new Error(`a preset is no scorecard: ${parsed.problems[0]?.path} ${parsed.problems[0]?.message}`);
    }
    return [parsed.scorecard.name, parsed.scorecard];
  }),
);
