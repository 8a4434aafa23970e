/** How much each benchmark does. Targets hold for the full sizes; the quick ones only show that everything works. */
export interface KafkaSizes {
  /** Each program works off so many events so often, by turns. */
  readonly events: number;
  readonly customers: number;
  readonly runs: number;
  /** The same with more, when everything is compiled. */
  readonly eventsLong: number;
  /** The same with still more, for what must not grow with them. */
  readonly eventsFlat: number;
  readonly eventsPerSecond: number;
  readonly warmUpSeconds: number;
  readonly latencySeconds: number;
  /** Events that cover as many customers as `profiles`, and how often their states are restored. */
  readonly profiles: number;
  readonly profileEvents: number;
}

export const FULL: KafkaSizes = {
  events: 1_000_000,
  customers: 100_000,
  runs: 3,
  eventsLong: 4_000_000,
  eventsFlat: 10_000_000,
  eventsPerSecond: 2_000,
  warmUpSeconds: 20,
  latencySeconds: 60,
  profiles: 1_000_000,
  profileEvents: 1_500_000,
};

export const QUICK: KafkaSizes = {
  events: 20_000,
  customers: 2_000,
  runs: 1,
  eventsLong: 40_000,
  eventsFlat: 60_000,
  eventsPerSecond: 500,
  warmUpSeconds: 1,
  latencySeconds: 2,
  profiles: 5_000,
  profileEvents: 8_000,
};
