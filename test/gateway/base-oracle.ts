/**
 * The figures of the base, computed plainly from the events themselves: everything that was sent of the customers who have not withdrawn.
 * It shares no code with what it checks, and knows no profile.
 */
export interface SentEvent {
  readonly type: string;
  readonly eventId: string;
  readonly customerId: string;
  readonly occurredAt: number;
  readonly [field: string]: unknown;
}

export interface PlainFigures {
  readonly customers: number;
  readonly buyers: number;
  readonly repeatBuyers: number;
  readonly purchases: number;
  readonly revenueMinor: number;
  readonly csatCustomers: number;
  readonly nps: { readonly promoters: number; readonly passives: number; readonly detractors: number };
  readonly complainants: number;
  readonly complaints: number;
  readonly complaintsOpen: number;
  readonly renewed: number;
  readonly terminated: number;
  readonly referrers: number;
  readonly referrals: number;
  readonly referralsConverted: number;
}

const DAY_MS = 86_400_000;

/** One customer's events, in order of time. */
export class PlainCustomer {
  readonly #events: readonly SentEvent[];

  constructor(events: readonly SentEvent[]) {
    this.#events = events.toSorted((a, b) => a.occurredAt - b.occurredAt);
  }

  #of(type: string, kind?: string): SentEvent[] {
    return this.#events.filter((event) => event.type === type && (kind === undefined || event["kind"] === kind));
  }

  /** The newest customer record's word. */
  fact(name: "segment" | "industry" | "region"): string | null {
    return (this.#of("customer").at(-1)?.[name] as string | undefined) ?? null;
  }

  get withdrawn(): boolean {
    const consent = this.#of("customer").at(-1)?.["consent"] as { readonly scoring?: boolean } | undefined;
    return consent?.scoring === false;
  }

  get hasEvents(): boolean {
    return this.#events.length > 0;
  }

  /** Purchases that were not cancelled. */
  get purchases(): SentEvent[] {
    const cancelled = new Set(this.#of("purchase", "CANCELLATION").map((event) => event["orderId"]));
    return this.#of("purchase", "PURCHASE").filter((event) => !cancelled.has(event["orderId"]));
  }

  get days(): number[] {
    const days = new Set(this.purchases.map(({ occurredAt }) => Math.floor(occurredAt / DAY_MS)));
    return [...days].toSorted((a, b) => a - b);
  }

  get revenueMinor(): number {
    const sum = (events: readonly SentEvent[]): number =>
      events.reduce((total, event) => total + Number(event["amountMinor"]), 0);
    return sum(this.purchases) - sum(this.#of("purchase", "REFUND"));
  }

  count(kind: string, field?: string, value?: unknown): number {
    return this.#of("interaction", kind).filter((event) => field === undefined || event[field] === value).length;
  }

  /** The newest NPS rating. */
  get nps(): number | null {
    const rated = this.#of("interaction", "FEEDBACK").filter(({ scale, dimension }) => scale === "NPS" && !dimension);
    return (rated.at(-1)?.["rating"] as number | undefined) ?? null;
  }

  get csat(): number[] {
    const rated = this.#of("interaction", "FEEDBACK").filter(({ scale, dimension }) => scale === "CSAT" && !dimension);
    return rated.map(({ rating }) => Number(rating));
  }

  /** Category and newest step of each complaint. */
  get complaints(): { readonly category: string; readonly step: string }[] {
    const steps = Map.groupBy(this.#of("complaint"), (event) => event["complaintId"]);
    return [...steps.values()].map((own) => ({
      category: String(own.find(({ kind }) => kind === "OPENED")?.["category"]),
      step: String(own.at(-1)?.["kind"]),
    }));
  }

  /** Experiment, arm and day of each first exposure. */
  get exposures(): { readonly experiment: string; readonly arm: string; readonly day: number }[] {
    const firsts = new Map<string, { experiment: string; arm: string; day: number }>();
    for (const { experiment, arm, occurredAt } of this.#of("interaction", "CAMPAIGN_EXPOSURE")) {
      const name = String(experiment);
      if (!firsts.has(name)) {
        firsts.set(name, { experiment: name, arm: String(arm), day: Math.floor(occurredAt / DAY_MS) });
      }
    }
    // As many as are kept.
    return [...firsts.values()].slice(-4);
  }
}

export function customersOf(events: readonly SentEvent[]): PlainCustomer[] {
  const once = [...new Map(events.map((event) => [event.eventId, event])).values()];
  return [...Map.groupBy(once, ({ customerId }) => customerId).values()]
    .map((own) => new PlainCustomer(own))
    .filter(({ withdrawn }) => !withdrawn);
}

export function plainFigures(customers: readonly PlainCustomer[]): PlainFigures {
  const sum = (of: (customer: PlainCustomer) => number): number =>
    customers.reduce((total, customer) => total + of(customer), 0);
  const rated = customers.map(({ nps }) => nps).filter((nps) => nps !== null);
  return {
    customers: customers.length,
    buyers: customers.filter(({ days }) => days.length > 0).length,
    repeatBuyers: customers.filter(({ days }) => days.length > 1).length,
    purchases: sum(({ purchases }) => purchases.length),
    revenueMinor: sum(({ revenueMinor }) => revenueMinor),
    csatCustomers: customers.filter(({ csat }) => csat.length > 0).length,
    nps: {
      promoters: rated.filter((nps) => nps > 8).length,
      passives: rated.filter((nps) => nps > 6 && nps < 9).length,
      detractors: rated.filter((nps) => nps < 7).length,
    },
    complainants: customers.filter(({ complaints }) => complaints.some(({ step }) => step !== "WITHDRAWN")).length,
    complaints: sum(({ complaints }) => complaints.filter(({ step }) => step !== "WITHDRAWN").length),
    complaintsOpen: sum(
      ({ complaints }) => complaints.filter(({ step }) => step === "OPENED" || step === "REOPENED").length,
    ),
    renewed: sum((customer) => customer.count("RENEW")),
    terminated: sum((customer) =>
      customer.count("RENEW") + customer.count("SUBSCRIBE") > 0 ? customer.count("UNSUBSCRIBE") : 0,
    ),
    referrers: customers.filter((customer) => customer.count("REFERRAL") > 0).length,
    referrals: sum((customer) => customer.count("REFERRAL")),
    referralsConverted: sum((customer) => customer.count("REFERRAL", "converted", true)),
  };
}

/** By month: who bought for the first time, who again after a lapse, who lapsed, and who had not when it began. */
export function plainMonths(
  customers: readonly PlainCustomer[],
  lapseDays: number,
): (month: string) => { acquired: number; returned: number; lapsed: number; activeAtStart: number } {
  const monthOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 7);
  return (month) => {
    const start = Date.parse(`${month}-01T00:00:00Z`) / DAY_MS;
    const row = { acquired: 0, returned: 0, lapsed: 0, activeAtStart: 0 };
    for (const { days } of customers) {
      for (const [i, day] of days.entries()) {
        const before = days[i - 1];
        const isReturn = before !== undefined && day - before > lapseDays;
        if (monthOf(day) === month && before === undefined) row.acquired++;
        if (monthOf(day) === month && isReturn) row.returned++;
        const next = days[i + 1] ?? Infinity;
        const lapse = day + lapseDays;
        if (next > lapse && monthOf(lapse) === month) row.lapsed++;
        if (day < start && next >= start && lapse >= start) row.activeAtStart++;
      }
    }
    return row;
  };
}

/** Of each of the twelve months before the running one: the group's buyers who were active when it began, and who lapsed in it. */
export function plainChurn(
  customers: readonly PlainCustomer[],
  lapseDays: number,
  running: string,
): readonly {
  readonly month: string;
  readonly activeAtStart: number;
  readonly lapsed: number;
  readonly churnRate: number | null;
  readonly retentionRate: number | null;
}[] {
  const now = new Date(`${running}-01T00:00:00Z`);
  const startOf = (ago: number): number => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1) / DAY_MS;
  const rows = [];
  for (let ago = 12; ago >= 1; ago--) {
    const [start, end] = [startOf(ago), startOf(ago - 1)];
    // Someone is active on a day when he bought on it or on one of the lapseDays days before.
    const lapsesOf = ({ days }: PlainCustomer): number =>
      days.filter((day, i) => {
        const lapse = day + lapseDays;
        return lapse >= start && lapse < end && (days[i + 1] ?? Infinity) > lapse;
      }).length;
    const isActive = ({ days }: PlainCustomer): boolean => days.some((day) => day < start && day + lapseDays >= start);
    const activeAtStart = customers.filter(isActive).length;
    const lapsed = customers.reduce((sum, customer) => sum + lapsesOf(customer), 0);
    const churnRate = activeAtStart === 0 ? null : lapsed / activeAtStart;
    rows.push({
      month: new Date(start * DAY_MS).toISOString().slice(0, 7),
      activeAtStart,
      lapsed,
      churnRate,
      retentionRate: churnRate === null ? null : 1 - churnRate,
    });
  }
  return rows;
}
