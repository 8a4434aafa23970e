/** How much each benchmark does. Targets hold for the full sizes; the quick ones only show that everything works. */
export interface Sizes {
  readonly pipelineEvents: number;
  readonly pipelineCustomers: number;
  /** Few and many: the cost of an event at both is compared. */
  readonly customersFew: number;
  readonly customersMany: number;
  /** Of each, by turns. */
  readonly customersRuns: number;
  /** Records of a turn, where the cost is compared once more with hardly any sharing of scores. */
  readonly shortTurnRecords: number;
  readonly profiles: number;
  /** Each way of starting is measured so often, and the slowest counts. */
  readonly starts: number;
  readonly feedEventsPerSecond: number;
  readonly feedSeconds: number;
  readonly queriesPerSecond: number;
  /** Before measuring begins: code is compiled, caches are filled. */
  readonly warmUpSeconds: number;
  /** Queries are measured while at least so many events wait to be applied. */
  readonly backlogEvents: number;
  /** On top of the backlog, so that there is time to measure in. */
  readonly backlogExtraEvents: number;
  readonly importRows: number;
  readonly latencyEventsPerSecond: number;
  readonly latencySeconds: number;
  /** Fits of a model in one process, and of the peer's. */
  readonly fitRuns: number;
  readonly peerFitRuns: number;
  /** The forecasts of one customer are made for so long, each kind. */
  readonly forecastSeconds: number;
  /** Customers that the simulated shop starts with; each part of scoring one is measured for so long. */
  readonly scoringCustomers: number;
  readonly scoringSeconds: number;
  /** Distinct customers that a model is fitted to: the time each costs is compared. */
  readonly distinctCustomers: readonly number[];
  /** The same for the Pareto/NBD, which costs several times as much. */
  readonly distinctCustomersPareto: readonly number[];
  readonly backtestCustomers: number;
  readonly backtestAlikeCustomers: number;
}

export const FULL: Sizes = {
  pipelineEvents: 1_000_000,
  pipelineCustomers: 100_000,
  customersFew: 10_000,
  customersMany: 1_000_000,
  customersRuns: 3,
  shortTurnRecords: 500,
  profiles: 1_000_000,
  starts: 3,
  feedEventsPerSecond: 20_000,
  feedSeconds: 30,
  queriesPerSecond: 200,
  warmUpSeconds: 5,
  backlogEvents: 1_000_000,
  backlogExtraEvents: 2_000_000,
  importRows: 1_000_000,
  latencyEventsPerSecond: 2_000,
  latencySeconds: 30,
  fitRuns: 10,
  peerFitRuns: 6,
  forecastSeconds: 2,
  scoringCustomers: 2_000,
  scoringSeconds: 1,
  distinctCustomers: [10_000, 100_000, 1_000_000],
  distinctCustomersPareto: [10_000, 100_000],
  backtestCustomers: 200_000,
  backtestAlikeCustomers: 100_000,
};

export const QUICK: Sizes = {
  pipelineEvents: 50_000,
  pipelineCustomers: 2_000,
  customersFew: 200,
  customersMany: 10_000,
  customersRuns: 1,
  shortTurnRecords: 200,
  profiles: 10_000,
  starts: 1,
  feedEventsPerSecond: 2_000,
  feedSeconds: 2,
  queriesPerSecond: 100,
  warmUpSeconds: 1,
  backlogEvents: 10_000,
  backlogExtraEvents: 250_000,
  importRows: 10_000,
  latencyEventsPerSecond: 500,
  latencySeconds: 2,
  fitRuns: 2,
  peerFitRuns: 2,
  forecastSeconds: 0.2,
  scoringCustomers: 100,
  scoringSeconds: 0.1,
  distinctCustomers: [500, 2_000],
  distinctCustomersPareto: [500, 2_000],
  backtestCustomers: 2_000,
  backtestAlikeCustomers: 2_000,
};
