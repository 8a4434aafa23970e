// Generated from schemas/*.avsc: `node packages/contracts/scripts/generate-records.ts`. A test compares.

/** Something bought, given back, cancelled or paid. */
export interface Purchase {
  /** Identity of the event, 1–128 bytes of UTF-8 without control characters: an event seen twice counts once. */
  readonly eventId: string;
  /** The customer, 1–128 bytes of UTF-8 without control characters; equal to the record's key. */
  readonly customerId: string;
  /** When it happened (event time), ms since the epoch, UTC. */
  readonly occurredAt: number;
  /** The system or file the event came from; null = not said. */
  readonly source: string | null;
  /** Whatever else the sender wants to keep with the event, at most 16 entries; no personal data. */
  readonly attributes: Readonly<Record<string, string>>;
  /** PURCHASE; REFUND lowers spend and keeps the purchase day; CANCELLATION undoes the purchase whole; PAYMENT settles an order bought on account. */
  readonly kind: PurchaseKind;
  /** The order; the same on the refunds, cancellation and payments that belong to it. */
  readonly orderId: string | null;
  /** Gross amount of this event, integer minor units of `currency`, 0 to 10^12. Never negative: what is given back is a REFUND of a positive amount. */
  readonly amountMinor: number;
  /** Margin in the amount, minor units of `currency`, may be negative; null = the model's margin rate applies. */
  readonly marginMinor: number | null;
  /** Discount already taken off the amount, minor units of `currency`, at least 0. */
  readonly discountMinor: number | null;
  /** ISO 4217 code of all amounts of this event. */
  readonly currency: string;
  /** Units bought, at least 0; fractions where goods are sold by weight. */
  readonly quantity: number | null;
  /** Category of the goods. */
  readonly category: string | null;
  /** Where it was bought: web, store, phone, … */
  readonly channel: string | null;
  /** When the payment of an order on account is due, ms since the epoch. */
  readonly dueAt: number | null;
  /** Of a REFUND or CANCELLATION: `occurredAt` of the purchase it undoes, ms since the epoch. Of a PAYMENT: of the order it settles. */
  readonly originalOccurredAt: number | null;
  /** Where the customer was won, on the purchase that won them. */
  readonly acquisitionChannel: string | null;
  /** What winning the customer cost, minor units of `currency`, at least 0. */
  readonly acquisitionCostMinor: number | null;
}

/** What happened to the order. UNKNOWN = a kind newer than the reader. */
export type PurchaseKind = "UNKNOWN" | "PURCHASE" | "REFUND" | "CANCELLATION" | "PAYMENT";

/** Anything a customer does, or is shown, other than buying and complaining. */
export interface Interaction {
  /** Identity of the event, 1–128 bytes of UTF-8 without control characters: an event seen twice counts once. */
  readonly eventId: string;
  /** The customer, 1–128 bytes of UTF-8 without control characters; equal to the record's key. */
  readonly customerId: string;
  /** When it happened (event time), ms since the epoch, UTC. */
  readonly occurredAt: number;
  /** The system or file the event came from; null = not said. */
  readonly source: string | null;
  /** Whatever else the sender wants to keep with the event, at most 16 entries; no personal data. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Which kind of interaction; it says which of the fields below are meant. */
  readonly kind: InteractionKind;
  /** Where it took place: web, app, store, phone, … */
  readonly channel: string | null;
  /** How many plain interactions this one counts for, at least 0. */
  readonly weight: number;
  /** CAMPAIGN_EXPOSURE, EMAIL_OPEN, EMAIL_CLICK: the campaign. */
  readonly campaign: string | null;
  /** CAMPAIGN_EXPOSURE: the experiment the exposure belongs to. */
  readonly experiment: string | null;
  /** CAMPAIGN_EXPOSURE: the arm of the experiment. */
  readonly arm: string | null;
  /** SUPPORT: when the first answer was given, ms since the epoch; null = not yet. */
  readonly respondedAt: number | null;
  /** FEEDBACK: the mark given, in the range of `scale`. */
  readonly rating: number | null;
  /** FEEDBACK: the scale of `rating` and `expected`. */
  readonly scale: RatingScale | null;
  /** FEEDBACK: what was rated: reliability, price, trust, …; null = the whole. */
  readonly dimension: string | null;
  /** FEEDBACK: the mark the customer had expected, on the same scale. */
  readonly expected: number | null;
  /** REVIEW: −1 (hostile) to 1 (delighted). */
  readonly sentiment: number | null;
  /** REFERRAL: who was referred, an id as `customerId`. */
  readonly referredCustomerId: string | null;
  /** REFERRAL: whether the referred person has bought. */
  readonly converted: boolean | null;
  /** SUBSCRIBE, RENEW, UNSUBSCRIBE, MEMBERSHIP: the plan or level. */
  readonly plan: string | null;
  /** SUBSCRIBE, RENEW: length of the term, days, at least 1. */
  readonly termDays: number | null;
  /** SUBSCRIBE, RENEW: when the term ends, ms since the epoch. */
  readonly renewsAt: number | null;
  /** SUBSCRIBE, RENEW: price of the term, minor units of `currency`, 0 to 10^12. */
  readonly amountMinor: number | null;
  /** ISO 4217 code of `amountMinor` and `balanceMinor`; needed with either. */
  readonly currency: string | null;
  /** BALANCE, SERVICE_USE: the product or service. */
  readonly product: string | null;
  /** BALANCE: what is held in the product now, minor units of `currency`, may be negative, at most 10^12 either way. */
  readonly balanceMinor: number | null;
}

/** What was done. UNKNOWN = a kind newer than the reader. */
export type InteractionKind =
  | "UNKNOWN"
  | "VISIT"
  | "SEARCH"
  | "CART"
  | "EMAIL_OPEN"
  | "EMAIL_CLICK"
  | "CAMPAIGN_EXPOSURE"
  | "SUPPORT"
  | "FEEDBACK"
  | "REVIEW"
  | "REFERRAL"
  | "SUBSCRIBE"
  | "RENEW"
  | "UNSUBSCRIBE"
  | "BALANCE"
  | "SERVICE_USE"
  | "MEMBERSHIP"
  | "SUGGESTION";

/** What a rating is measured on. NPS: 0 to 10. CSAT: 1 to 5. */
export type RatingScale = "UNKNOWN" | "NPS" | "CSAT";

/** One step in the life of a complaint. */
export interface Complaint {
  /** Identity of the event, 1–128 bytes of UTF-8 without control characters: an event seen twice counts once. */
  readonly eventId: string;
  /** The customer, 1–128 bytes of UTF-8 without control characters; equal to the record's key. */
  readonly customerId: string;
  /** When it happened (event time), ms since the epoch, UTC. */
  readonly occurredAt: number;
  /** The system or file the event came from; null = not said. */
  readonly source: string | null;
  /** Whatever else the sender wants to keep with the event, at most 16 entries; no personal data. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Which step. */
  readonly kind: ComplaintKind;
  /** The complaint, an id as `eventId`; the same on all its steps. */
  readonly complaintId: string;
  /** 1 (a nuisance) to 5 (grave); null = not rated. */
  readonly severity: number | null;
  /** What it is about: delivery, quality, billing, … */
  readonly category: string | null;
  /** RESOLVED: whether the customer is content with the solution; null = not asked. */
  readonly satisfied: boolean | null;
}

/** The step. UNKNOWN = a step newer than the reader. */
export type ComplaintKind = "UNKNOWN" | "OPENED" | "RESOLVED" | "REOPENED" | "WITHDRAWN";

/** What is known of a customer beside events: the newest record replaces the one before; a tombstone erases the customer. */
export interface Customer {
  /** Identity of the event, 1–128 bytes of UTF-8 without control characters: an event seen twice counts once. */
  readonly eventId: string;
  /** The customer, 1–128 bytes of UTF-8 without control characters; equal to the record's key. */
  readonly customerId: string;
  /** When it happened (event time), ms since the epoch, UTC. */
  readonly occurredAt: number;
  /** The system or file the event came from; null = not said. */
  readonly source: string | null;
  /** Whatever else the sender wants to keep with the event, at most 16 entries; no personal data. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Segment of the base the customer is counted in. */
  readonly segment: string | null;
  /** Industry of a business customer. */
  readonly industry: string | null;
  /** Region the customer is counted in. */
  readonly region: string | null;
  /** ISO 4217 code of all amounts of this record; needed with any of them. */
  readonly currency: string | null;
  /** Credit granted, minor units of `currency`, at least 0. */
  readonly creditLimitMinor: number | null;
  /** Debt to assets, at least 0. */
  readonly debtRatio: number | null;
  /** Current assets to current liabilities, at least 0. */
  readonly solvencyRatio: number | null;
  /** What the customer could spend with us in a year, minor units of `currency`, at least 0. */
  readonly potentialSpendMinor: number | null;
  /** The customer's assets, minor units of `currency`. */
  readonly assetsMinor: number | null;
  /** Importance beyond money, 0 to 1. */
  readonly strategicImportance: number | null;
  /** Level of support agreed. */
  readonly supportLevel: string | null;
  /** When the contract ends, ms since the epoch. */
  readonly contractEndsAt: number | null;
  /** Days the customer has to pay, at least 0. */
  readonly paymentTermsDays: number | null;
  /** Where the customer was won. */
  readonly acquisitionChannel: string | null;
  /** What winning the customer cost, minor units of `currency`, at least 0. */
  readonly acquisitionCostMinor: number | null;
  /** Numbers of the installation's own, for its scorecards, at most 16 entries. */
  readonly custom: Readonly<Record<string, number>>;
  /** Names of fields, attributes and custom numbers that are protected (age, gender, …): refused in scorecards and models, used only in the disparity report. At most 32. */
  readonly protected: readonly string[];
  /** Consent by purpose, true = given, false = withdrawn; the purpose `scoring` governs this pipeline, a purpose not named takes the installation's default. At most 16 entries. */
  readonly consent: Readonly<Record<string, boolean>>;
  /** Reserved: the id that took this one's place. Identity merge is done upstream. */
  readonly mergedInto: string | null;
}

/** One version of a model, broadcast to every task. */
export interface ModelArtefact {
  /** Name of the artefact, 1–128 bytes. */
  readonly name: string;
  /** Version; the content of a version never changes. */
  readonly version: string;
  /** CHAMPION makes the scores; CHALLENGER runs beside it; RETIRED is kept to replay turns. */
  readonly role: ModelRole;
  /** SHA-256 of `artefact` in UTF-8, lower-case hexadecimal. */
  readonly hash: string;
  /** Parameters, cut-offs, scorecards and rates as JSON. */
  readonly artefact: string;
  /** Whether the parameters were fitted to this installation's data; false = the defaults. */
  readonly fitted: boolean;
  /** When the version was made, ms since the epoch. */
  readonly createdAt: number;
}

/** What the version is used for. */
export type ModelRole = "UNKNOWN" | "CHAMPION" | "CHALLENGER" | "RETIRED";

/** The newest score of a customer. Scorecards and words are computed by whoever shows them. */
export interface Score {
  /** The customer; equal to the record's key. */
  readonly customerId: string;
  /** Rises by exactly 1 with each score of the customer, from 1. */
  readonly version: number;
  /** The instant the score holds for, ms since the epoch. */
  readonly asOf: number;
  /** What the customer is worth; null = a prospect has no value. */
  readonly value: ScoreValue | null;
  /** Probability of no purchase in the next `churnHorizonDays`, 0 to 1; null = a prospect has no churn. */
  readonly churn: number | null;
  /** Horizon of `churn`, days; null with it. */
  readonly churnHorizonDays: number | null;
  /** The silence term just after the last purchase, 0 to 1: what the risk has risen from; null = a prospect. */
  readonly churnAfterLastPurchase: number | null;
  /** The tier in force. */
  readonly tier: Tier;
  /** The stage in force. */
  readonly lifecycle: Lifecycle;
  /** The terms of the churn logit, greatest first; empty for a prospect. */
  readonly reasons: readonly Reason[];
  /** Share of what the active scorecards need that is known, 0 to 1. */
  readonly completeness: number;
  /** The customer's segment when this was made; null = none known. */
  readonly segment: string | null;
  /** Turn of the task that made this, counted from 1 in each partition. */
  readonly turn: number;
  /** Tick of that turn, ms since the epoch. */
  readonly tick: number;
  /** The model in force in that turn. */
  readonly model: ModelRef;
}

/** What a customer has been and will be worth, in minor units of one currency. */
export interface ScoreValue {
  /** Margin earned so far over the whole life, minor units. */
  readonly realisedMinor: number;
  /** Expected discounted margin over the value horizon, minor units. */
  readonly expectedMinor: number;
  /** The part of the customer's worth that churn puts at risk, minor units. */
  readonly atRiskMinor: number;
  /** ISO 4217 code of the installation's base currency. */
  readonly currency: string;
}

/** Standing of a customer, ascending but for UNKNOWN; NONE = a prospect has no tier. */
export type Tier = "UNKNOWN" | "NONE" | "OPTIMISATION" | "DEVELOPMENT" | "SILVER" | "GOLD" | "PLATINUM";

/** Stage of the relationship. */
export type Lifecycle = "UNKNOWN" | "PROSPECT" | "NEW" | "ACTIVE" | "LOYAL" | "SLIPPING" | "LOST" | "RETURNED";

/** One term of the churn logit and its evidence; text is made where it is shown. */
export interface Reason {
  /** Which term, a stable code. */
  readonly code: string;
  /** The evidence by name; each name carries its unit. */
  readonly params: Readonly<Record<string, number>>;
  /** The term's share of the churn logit; all terms add up to it. */
  readonly logit: number;
}

/** Which model artefact made this. */
export interface ModelRef {
  /** Name of the artefact. */
  readonly name: string;
  /** Version of the artefact; the content of a version never changes. */
  readonly version: string;
}

/** A customer moved from one tier to another. */
export interface TierChange {
  /** Stable identity of the change: made again, it is the same. */
  readonly changeId: string;
  /** The customer; equal to the record's key. */
  readonly customerId: string;
  /** Version of the score that brought the change. */
  readonly version: number;
  /** The instant the change was judged as of, ms since the epoch. */
  readonly asOf: number;
  /** The tier before; NONE = the customer had none. */
  readonly from: Tier;
  /** The tier from now on. */
  readonly to: Tier;
  /** EVENT: something happened; TIME: nothing happened for long enough; MODEL: another model came into force. */
  readonly cause: ChangeCause;
  /** Evidence: what the customer is worth after the change. */
  readonly value: ScoreValue | null;
  /** Evidence: probability of no purchase within the horizon, 0 to 1. */
  readonly churn: number | null;
  /** Evidence: the stage after the change. */
  readonly lifecycle: Lifecycle;
  /** Evidence: the terms of the churn logit, greatest first. */
  readonly reasons: readonly Reason[];
  /** The customer's segment when this was made; null = none known. */
  readonly segment: string | null;
  /** Turn of the task that made this, counted from 1 in each partition. */
  readonly turn: number;
  /** Tick of that turn, ms since the epoch. */
  readonly tick: number;
  /** The model in force in that turn. */
  readonly model: ModelRef;
  /** FIRST: the customer had none; REACHED: the expected value reached `boundaryMinor`; FELL_BELOW: it fell below it; NO_CUSTOMER: no purchase stands any more. */
  readonly reason: TierReason;
  /** Evidence: the value that the expected value was held against, minor units; null = none. */
  readonly boundaryMinor: number | null;
  /** Evidence: how long the tier before was kept, ms. */
  readonly keptMs: number;
}

/** What brought a change about. */
export type ChangeCause = "UNKNOWN" | "EVENT" | "TIME" | "MODEL";

/** Why a tier changed. */
export type TierReason = "UNKNOWN" | "FIRST" | "REACHED" | "FELL_BELOW" | "NO_CUSTOMER";

/** Something about a customer wants attention, or no longer does. */
export interface ChurnAlert {
  /** Stable identity of the alert; its CLEARED counterpart has the same. */
  readonly alertId: string;
  /** The customer; equal to the record's key. */
  readonly customerId: string;
  /** Version of the score that brought the alert. */
  readonly version: number;
  /** The instant the alert was judged as of, ms since the epoch. */
  readonly asOf: number;
  /** CHURN: churn of a repeat customer crossed `band` upward. */
  readonly kind: AlertKind;
  /** RAISED, or CLEARED when the cause has gone. */
  readonly state: AlertState;
  /** How urgent. */
  readonly severity: AlertSeverity;
  /** CHURN: the band crossed, a probability. */
  readonly band: number | null;
  /** COMPLAINT_OVERDUE, PAYMENT_OVERDUE, NEGATIVE_REVIEW: fingerprint of the id of the complaint, order or event, 16 hexadecimal digits; of an order without an id the time of the purchase, ms since the epoch. */
  readonly subject: string | null;
  /** Evidence: what the customer is worth. */
  readonly value: ScoreValue | null;
  /** Evidence: probability of no purchase within the horizon, 0 to 1. */
  readonly churn: number | null;
  /** Evidence: the tier in force. */
  readonly tier: Tier;
  /** Evidence: the stage in force. */
  readonly lifecycle: Lifecycle;
  /** Evidence: the terms of the churn logit, greatest first. */
  readonly reasons: readonly Reason[];
  /** The customer's segment when this was made; null = none known. */
  readonly segment: string | null;
  /** Turn of the task that made this, counted from 1 in each partition. */
  readonly turn: number;
  /** Tick of that turn, ms since the epoch. */
  readonly tick: number;
  /** The model in force in that turn. */
  readonly model: ModelRef;
  /** EVENT: something happened; TIME: nothing happened for long enough. */
  readonly cause: ChangeCause;
  /** Evidence: when the complaint was opened, the payment was due, the review was written, ms since the epoch; null where that is not known any more, and for other kinds. */
  readonly since: number | null;
  /** Evidence: PAYMENT_OVERDUE: what is owed; LOSS_MAKING: the profit; minor units. */
  readonly amountMinor: number | null;
}

/** What wants attention. */
export type AlertKind =
  | "UNKNOWN"
  | "CHURN"
  | "LOSS_MAKING"
  | "NEGATIVE_REVIEW"
  | "COMPLAINT_OVERDUE"
  | "PAYMENT_OVERDUE";

/** Whether the alert stands. */
export type AlertState = "UNKNOWN" | "RAISED" | "CLEARED";

/** How urgent, by value at risk. */
export type AlertSeverity = "UNKNOWN" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";

/** An input record that could not be decoded, validated or applied, as it came. */
export interface DeadLetter {
  /** Topic it came from. */
  readonly topic: string;
  /** Partition it came from. */
  readonly partition: number;
  /** Its offset there. */
  readonly offset: number;
  /** Its append time there, ms since the epoch. */
  readonly appendedAt: number;
  /** Its key as it came; null = it had none. */
  readonly key: Uint8Array | null;
  /** Its value as it came; null = it had none. */
  readonly value: Uint8Array | null;
  /** The rule it breaks, a stable code. */
  readonly code: string;
  /** The rule in words; never a value of the record. */
  readonly reason: string;
}

/** The profile of a customer: everything a score depends on beside the time and the model. */
export interface ProcessorState {
  /** The instant from which the customer wants to be scored again though nothing happens, a lower bound, ms since the epoch; null = never. First, so that it is read without the rest. */
  readonly due: number | null;
  /** Version of the last score emitted, rising by 1; 0 = none yet. */
  readonly version: number;
  /** asOf of the last score emitted, ms since the epoch; 0 = none stands. Scoring this profile as of it gives that score again. */
  readonly scoredAt: number;
  /** The tier in force; NONE = a prospect. */
  readonly tier: Tier;
  /** When the tier came into force, ms since the epoch; 0 = no tier. */
  readonly tierSince: number;
  /** The customer; equal to the record's key. */
  readonly customerId: string;
  /** The model of the last score emitted. */
  readonly model: ModelRef;
  /** What the newest customer record says of the purpose scoring. */
  readonly consent: Consent;
  /** When consent was withdrawn, ms since the epoch; 0 = it was not. While it is withdrawn nothing else is kept but version, consent and customerAt. */
  readonly suppressedSince: number;
  /** occurredAt of the newest customer record, ms since the epoch; 0 = none. An older one changes nothing. */
  readonly customerAt: number;
  /** Segment of the base; empty = none known. */
  readonly segment: string;
  /** Industry of a business customer; empty = none known. */
  readonly industry: string;
  /** Region; empty = none known. */
  readonly region: string;
  /** Newest event time of a purchase, interaction or complaint, ms since the epoch; 0 = none. Lateness is measured against it. */
  readonly lastEventAt: number;
  /** Events applied. */
  readonly applied: number;
  /** Of these, older than the newest one by more than the grace. */
  readonly late: number;
  /** Of these, so far ahead that their time was clamped. */
  readonly clamped: number;
  /** Fingerprints of the newest applied event ids, 8 bytes each, at most 64; a ring once full. Zeros are room. */
  readonly seen: Uint8Array;
  /** Index of the fingerprint to be written next; that of the end where there is no room but the list may grow. */
  readonly seenNext: number;
  /** Purchases that stand: made and not cancelled. */
  readonly purchases: number;
  /** Distinct local days with a purchase that stands; x is one less. */
  readonly purchaseDays: number;
  /** First of these days, as days since 1970-01-01; 0 where there is none. */
  readonly firstDay: number;
  /** Last of these days. */
  readonly lastDay: number;
  /** Gross spend on the first of these days, minor units of the base currency. */
  readonly firstDayGrossMinor: number;
  /** Gross spend of all purchases that stand, minor units. */
  readonly grossMinor: number;
  /** The newest purchase days, oldest first, at most 400: for each three variable-length numbers: days since the one before (the first: since 1970-01-01), purchases, gross spend in minor units. */
  readonly days: Uint8Array;
  /** Purchase days older than those in `days`, of which only the number is kept. */
  readonly foldedDays: number;
  /** The newest folded day; 0 = none. */
  readonly foldedThrough: number;
  /** Refunds. */
  readonly refunds: number;
  /** What was refunded, minor units. */
  readonly refundMinor: number;
  /** Days with a refund, packed as `days`: of profiles from before `weeks`, which takes them over when the next event is applied. */
  readonly refundDays: Uint8Array;
  /** Margin of what was sold less what was refunded, where the event says it, minor units. */
  readonly marginMinor: number;
  /** The net amount that `marginMinor` is the margin of, minor units. */
  readonly marginOfMinor: number;
  /** The newest purchases and cancellations by order, 27 bytes each, at most 16: fingerprint of the order, time, amount, margin, flags. */
  readonly orders: Uint8Array;
  /** Newest time of a purchase that has left `orders`; 0 = none has. */
  readonly ordersThrough: number;
  /** Cancellations of orders. */
  readonly cancellations: number;
  /** Payments. */
  readonly payments: number;
  /** What was paid on account, minor units. */
  readonly paidMinor: number;
  /** Interactions by kind, at the index of the kind among the symbols of InteractionKind; 0 beyond the end. */
  readonly interactions: readonly number[];
  /** Weighted interactions, each halved every 30 days, as of engagementAt. */
  readonly engagementDecayed: number;
  /** Newest interaction that counts, ms since the epoch; 0 = none. */
  readonly engagementAt: number;
  /** Gross spend in minor units, halved every 90 days, as of spendAt. */
  readonly spendDecayed: number;
  /** Newest purchase, ms since the epoch; 0 = none. */
  readonly spendAt: number;
  /** Complaints, each halved every 90 days, as of complaintsAt. */
  readonly complaintsDecayed: number;
  /** Newest opening of a complaint, ms since the epoch; 0 = none. */
  readonly complaintsAt: number;
  /** Complaints opened, withdrawn ones excluded. */
  readonly complaints: number;
  /** Complaints of `complaintList` that are open. */
  readonly complaintsOpen: number;
  /** The newest complaints, 21 bytes each, at most 32: fingerprint of the id, time of the newest step, time of the first opening, and a byte with the newest step (3 bits), whether its solution satisfied (2 bits) and the gravest severity said (3 bits, 0 = none). */
  readonly complaintList: Uint8Array;
  /** Oldest event time of a purchase, interaction or complaint, ms since the epoch; 0 = none since this is kept. */
  readonly firstEventAt: number;
  /** What was done by the week, the newest week first; weeks more than a year before the newest go once the list is longer than 320 bytes, so that it is never longer than 3.2 kB: for each variable-length numbers: weeks since 1970-01-01 (the first) or before the one before it (the others), a mask of the sums that are not 0, these sums zigzag: visits, other own interactions, margin and what it is the margin of, refunds, cost to serve (thousandths of minor units), campaign exposures, e-mail clicks, service uses, converted referrals. */
  readonly weeks: Uint8Array;
  /** Categories bought, 24 bytes each, the first 16 that came: fingerprint (4), purchases (4), gross spend (8), gross spend by forward decay (8). */
  readonly categories: Uint8Array;
  /** Channels, 14 to 46 bytes each, the first 8 that came: fingerprint (4), purchases (4), other events (4), length and name. */
  readonly channels: Uint8Array;
  /** Of the newest entries of `orders`, 9 bytes each: place of the category and the channel in their lists, whether a discount was said, the discount. Empty where no order had any. */
  readonly orderDetails: Uint8Array;
  /** Products with a balance or uses, 43 to 75 bytes each, the first 8 that came: fingerprint (4), uses (4), balances told (4), time and amount of the newest (14), mean and sum of squared deviations (16), length and name. */
  readonly products: Uint8Array;
  /** Ratings by dimension, 37 to 69 bytes each, the first 16 that came: fingerprint (4), sums by forward decay of weights, ratings, weights where an expectation was said, and gaps to it (32), length and name. */
  readonly feedback: Uint8Array;
  /** Orders on account, 43 bytes each, at most 24: fingerprint of the order, time of the purchase, due time, amount, amount paid, time of the newest payment, flags. */
  readonly accounts: Uint8Array;
  /** null = none came. */
  readonly trade: Trade | null;
  /** null = none came. */
  readonly voice: Voice | null;
  /** null = no customer record came since this is kept. */
  readonly facts: CustomerFacts | null;
  /** Weighted interactions, each halved every 180 days, as of engagementAt: the norm that recent ones are held against; 0 = none since this is kept. */
  readonly activityDecayed: number;
  /** Purchases that stand, each halved every 90 days, as of spendAt; 0 = none since this is kept. */
  readonly ordersDecayed: number;
  /** null = none came since this is kept. */
  readonly strain: Strain | null;
  /** null = none came since this is kept. */
  readonly contract: ContractTerms | null;
  /** null = a prospect, or no score was made since this is kept. */
  readonly standing: Standing | null;
  /** The newest changes of tier, oldest first, at most 12: for each the local month (months since 1970-01, 2 bytes), and a byte with the tier before and after (4 bits each, by their place among the symbols of Tier). */
  readonly tierMoves: Uint8Array;
  /** Names of the first 8 categories of `categories`, at their places: length and name, cut at 16 bytes; empty = not seen since this is kept. */
  readonly categoryNames: Uint8Array;
  /** Complaints opened by category, 9 to 33 bytes each, the first 4 categories that came: fingerprint (4), complaints (4), length and name. */
  readonly complaintCategories: Uint8Array;
  /** The first exposure to each experiment, or to a campaign without one, the newest 4 of them in order of time: 12 to 52 bytes each: time (6), local day (4), length and name of the experiment or campaign, cut at 24 bytes, length and name of the arm, cut at 16 bytes. */
  readonly exposures: Uint8Array;
  /** Of a customer who was erased and came back: what happened up to then (event time) counts as erased, ms since the epoch; 0 = never erased. */
  readonly erasedAt: number;
  /** Append time of the tombstone that erased the customer before, ms since the epoch; 0 = never erased. */
  readonly erasureAppendedAt: number;
  /** The stage in force; UNKNOWN = not judged yet. */
  readonly lifecycle: Lifecycle;
  /** When the stage came into force, ms since the epoch; 0 = none has. */
  readonly lifecycleSince: number;
  /** What alerts wait for: for each churn band of the model, lowest first, 2 bits (0 above it since the last purchase, 1 armed, 2 raised, 3 cleared); bit 8: the customer was not loss-making when last judged. */
  readonly alertFlags: number;
  /** Purchases that stand and renewals when alerts were last judged: more now means that one was made. */
  readonly purchasesJudged: number;
  /** At most 18: one a churn band, a loss, a review, six complaints and six payments. */
  readonly alerts: readonly AlertStanding[];
  /** null = none came since this is kept. */
  readonly review: NewestReview | null;
}

/** What the newest customer record says of the purpose scoring; UNKNOWN = nothing, the installation's default holds. */
export type Consent = "UNKNOWN" | "GRANTED" | "WITHDRAWN";

/** Sums of purchases that not every customer has. */
export interface Trade {
  /** Discounts of purchases that stand and say one, minor units. */
  readonly discountMinor: number;
  /** List price of the same: amount and discount, minor units. */
  readonly discountOfMinor: number;
  /** Cost to serve by the model's rates at the time, thousandths of minor units. */
  readonly costMilliMinor: number;
  /** Time of the purchase that `acquisitionCostMinor` is from, the earliest that says one, ms since the epoch; 0 = none. */
  readonly acquisitionAt: number;
  /** What winning the customer cost, minor units. */
  readonly acquisitionCostMinor: number;
  /** Orders on account that were paid in full. */
  readonly settled: number;
  /** Of these, by their due time. */
  readonly settledInTime: number;
  /** From purchase to full payment, sum over these, ms. */
  readonly payMs: number;
  /** From due time to full payment where that was later, sum over these, ms. */
  readonly lateMs: number;
}

/** Sums of interactions and complaints that not every customer has. */
export interface Voice {
  /** Time of the newest rating of the whole on the NPS scale, ms since the epoch; 0 = none. */
  readonly npsAt: number;
  /** That rating, 0 to 10. */
  readonly nps: number;
  /** Support requests with a first answer. */
  readonly responses: number;
  /** Time to the first answer, sum over these, ms. */
  readonly responseMs: number;
  /** Complaints whose newest step is RESOLVED. */
  readonly resolved: number;
  /** From first opening to that step, sum over these, ms. */
  readonly resolutionMs: number;
  /** Of these, those whose customer said whether the solution satisfied. */
  readonly judged: number;
  /** Of these, satisfied. */
  readonly satisfied: number;
  /** Referrals that converted. */
  readonly referralsConverted: number;
  /** Newest SUBSCRIBE or RENEW, ms since the epoch; 0 = none. */
  readonly subscribedAt: number;
  /** Newest UNSUBSCRIBE, ms since the epoch; 0 = none. */
  readonly unsubscribedAt: number;
  /** Latest end of a term, ms since the epoch; 0 = none said. */
  readonly termEndsAt: number;
}

/** What the newest customer record says, for indicators; what it marks as protected is not kept. Amounts in minor units of the base currency. */
export interface CustomerFacts {
  /** Credit granted. */
  readonly creditLimitMinor: number | null;
  /** Debt to assets. */
  readonly debtRatio: number | null;
  /** Current assets to current liabilities. */
  readonly solvencyRatio: number | null;
  /** What the customer could spend with us in a year. */
  readonly potentialSpendMinor: number | null;
  /** The customer's assets. */
  readonly assetsMinor: number | null;
  /** Importance beyond money, 0 to 1. */
  readonly strategicImportance: number | null;
  /** When the contract ends, ms since the epoch. */
  readonly contractEndsAt: number | null;
  /** Days the customer has to pay. */
  readonly paymentTermsDays: number | null;
  /** What winning the customer cost. */
  readonly acquisitionCostMinor: number | null;
  /** Numbers of the installation's own, at most 16; names longer than 48 bytes are not kept. */
  readonly custom: Readonly<Record<string, number>>;
}

/** Decayed sums of what strains the relationship, complaints aside. */
export interface Strain {
  /** Support contacts, each halved every 90 days, as of supportAt. */
  readonly supportDecayed: number;
  /** Newest support contact, ms since the epoch; 0 = none. */
  readonly supportAt: number;
  /** Low ratings (NPS up to 6, CSAT up to 2), each halved every 90 days, as of lowRatingsAt. */
  readonly lowRatingsDecayed: number;
  /** Newest low rating, ms since the epoch; 0 = none. */
  readonly lowRatingsAt: number;
  /** How negative reviews were (0 to 1 each), halved every 90 days, as of hostilityAt. */
  readonly hostilityDecayed: number;
  /** Newest negative review, ms since the epoch; 0 = none. */
  readonly hostilityAt: number;
}

/** What SUBSCRIBE and RENEW events say of the contract, each part by the newest event that says it. */
export interface ContractTerms {
  /** Newest SUBSCRIBE or RENEW, ms since the epoch. */
  readonly at: number;
  /** When that one says the contract is to be renewed, ms since the epoch; 0 = it does not. */
  readonly renewsAt: number;
  /** Newest of these that says how long a term is, ms since the epoch; 0 = none does. */
  readonly termAt: number;
  /** How long it says, ms. */
  readonly termMs: number;
  /** Newest of these that says an amount, ms since the epoch; 0 = none does. */
  readonly amountAt: number;
  /** What it says a term costs, minor units of the base currency. */
  readonly amountMinor: number;
  /** Sum of all amounts said, minor units of the base currency. */
  readonly paidMinor: number;
}

/** What the last score emitted says, for figures of the whole base. Amounts in minor units of the base currency. */
export interface Standing {
  /** As the score says it. */
  readonly realisedMinor: number;
  /** As the score says it. */
  readonly expectedMinor: number;
  /** As the score says it. */
  readonly atRiskMinor: number;
  /** Code of the reason that raises churn most; empty = none raises it. */
  readonly cause: string;
}

/** An alert that stands, or whose cool-down is not over. */
export interface AlertStanding {
  /** As the alert says it. */
  readonly kind: AlertKind;
  /** As the alert says it, at most 16 characters; empty = none. */
  readonly subject: string;
  /** As the alert says it. */
  readonly band: number | null;
  /** When it was raised, ms since the epoch; its cool-down counts from here. */
  readonly raisedAt: number;
  /** Version of the score that brought it: its identity is made of it. */
  readonly version: number;
  /** Whether its cause has gone. */
  readonly cleared: boolean;
}

/** The newest review that says what the customer thinks; of two of one instant the worse. */
export interface NewestReview {
  /** When it was written, ms since the epoch. */
  readonly at: number;
  /** −1 to 1. */
  readonly sentiment: number;
  /** Fingerprint of its event id, 16 hexadecimal digits. */
  readonly subject: string;
}

/** What makes a turn repeatable: committed with everything the turn made. */
export interface JournalEntry {
  /** Number of the turn, from 1 in each partition. */
  readonly turn: number;
  /** Token of the barrier of the owner that committed the turn, compared only for equality. */
  readonly token: string;
  /** The turn's end offsets, one entry an input topic. */
  readonly offsets: readonly InputOffset[];
  /** The turn's tick, ms since the epoch. */
  readonly tickMs: number;
  /** The last key whose timer due at that millisecond is done; null = all of them are. */
  readonly tickKey: string | null;
  /** Clock mode of the data. */
  readonly mode: ClockMode;
  /** Of a scaled wall clock: the instant it started at, ms since the epoch; null = not scaled. */
  readonly clockBase: number | null;
  /** Of a scaled wall clock: its speed, 1 = real time. */
  readonly clockFactor: number;
  /** The model that the turn was scored with: name, version and hash with slashes between. */
  readonly model: string;
  /** Version of the scoring code, 0 = not said. */
  readonly scoringVersion: number;
  /** What became of the input records so far. */
  readonly counts: OutcomeCounts;
  /** Oldest version of the code that may go on from here; an older owner declines. */
  readonly minReaderVersion: number;
  /** Tells the secret that keys of markers are made with from any other, and nothing of it; null = nothing was erased in the partition yet. */
  readonly erasureCheck: string | null;
  /** After a model switch: the last key that was looked at to be scored again, empty = none yet; null = no sweep is under way. */
  readonly sweepAfter: string | null;
}

/** How far one input has been taken. */
export interface InputOffset {
  /** The input topic. */
  readonly topic: string;
  /** Offset of the first record not taken yet. */
  readonly next: number;
}

/** What moves time. wall: append times. event: tick records only. */
export type ClockMode = "UNKNOWN" | "wall" | "event";

/** Input records taken since the partition's first turn; their sum is the number of records taken. */
export interface OutcomeCounts {
  /** Records that changed a state. */
  readonly applied: number;
  /** Records seen before. */
  readonly duplicate: number;
  /** Records of customers who withdrew consent or are erased. */
  readonly suppressed: number;
  /** Records that could not be taken. */
  readonly deadLetter: number;
  /** Tick records. */
  readonly ticks: number;
}

/** First record of a new owner of a partition: what it has not read up to, it may not write after. */
export interface Barrier {
  /** Random token, compared only for equality. */
  readonly token: string;
  /** Who the owner is, for people to read. */
  readonly owner: string;
}

/** Marker of an erased customer, kept for good. Its key is a keyed hash of the customer's id, and nothing in it is of the customer. */
export interface Erasure {
  /** What happened up to then (event time) counts as erased, wherever it comes from, ms since the epoch. */
  readonly erasedAt: number;
  /** Append time of the tombstone, ms since the epoch: what lay in the log before counts as erased. */
  readonly appendedAt: number;
  /** Version of the last score emitted before; those of a profile that begins anew go on from it. */
  readonly version: number;
}

/** Moves time in clock mode event; written to every partition. */
export interface Tick {
  /** The time from now on, ms since the epoch. */
  readonly at: number;
}

/** How far the import of one file got; key = its digest. */
export interface ImportProgress {
  /** SHA-256 of the file's content, lower-case hexadecimal; equal to the record's key. */
  readonly digest: string;
  /** Rows that are durably in the log, counted from the start of the order they are sent in. */
  readonly itemsDone: number;
  /** Whether the whole file is in. */
  readonly complete: boolean;
  /** When this was written, ms since the epoch. */
  readonly at: number;
}
