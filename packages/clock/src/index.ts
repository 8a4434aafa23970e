export { clockOfThread, scaledClock, type ClockScale } from "./scaled-clock.ts";
export { systemClock } from "./system-clock.ts";
