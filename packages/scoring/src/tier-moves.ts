import type { Profile, Tier } from "@tidemark/contracts";

/** One change of tier. */
export interface TierMove {
  /** Local, months since 1970-01. */
  readonly month: number;
  readonly from: Tier;
  readonly to: Tier;
}

/** How many changes of tier of a customer are kept; the oldest leave. */
const TIER_MOVES_MAX = 12;
const MOVE_BYTES = 3;

export const TIER_MOVES_BYTES_MAX = TIER_MOVES_MAX * MOVE_BYTES;

/** The index is what is stored: the place among the symbols of the schema, which only ever grows at its end. */
const TIER_SYMBOLS: readonly Tier[] = ["UNKNOWN", "NONE", "OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"];

/** Keeps a change of tier; changes come in order of time. */
export function rememberTierMove(profile: Profile, { month, from, to }: TierMove): void {
  const kept = profile.tierMoves.subarray(Math.max(0, profile.tierMoves.length - (TIER_MOVES_MAX - 1) * MOVE_BYTES));
  const longer = Buffer.alloc(kept.length + MOVE_BYTES);
  kept.copy(longer);
  longer.writeUInt16LE(month, kept.length);
  longer[kept.length + 2] = (TIER_SYMBOLS.indexOf(from) << 4) | TIER_SYMBOLS.indexOf(to);
  profile.tierMoves = longer;
}

/** Oldest first. */
export function tierMovesOf(tierMoves: Uint8Array): TierMove[] {
  const moves: TierMove[] = [];
  for (let at = 0; at < tierMoves.length; at += MOVE_BYTES) {
    const pair = tierMoves[at + 2] as number;
    moves.push({
      month: (tierMoves[at] as number) | ((tierMoves[at + 1] as number) << 8),
      from: TIER_SYMBOLS[pair >> 4] ?? "UNKNOWN",
      to: TIER_SYMBOLS[pair & 15] ?? "UNKNOWN",
    });
  }
  return moves;
}
