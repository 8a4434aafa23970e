/** Rises when the same profile, time and model give another score, or the same event another profile: journals carry it. */
export const SCORING_VERSION = 6;
