/** The contract of a mechanism: the rule that gathers resources for models and shares out what they earn. */
import type { AccountId, AccountRange, AssetId, LedgerView, PostingBatch } from "./ledger.ts";
import type { ClaimCondition, MechanismProperty } from "./property.ts";

/** Compute is counted in PFLOP (10^15 floating-point operations), so that a day of a large network stays readable. */
export const flopPerWork = 1e15;

/** Accounts and assets of one model. */
export interface ModelAccounts {
  readonly treasury: AccountId;
  readonly designer: AccountId;
  /** Ownership earned by compute. */
  readonly ownership: AssetId;
  /** Ownership earned by data. */
  readonly dataOwnership: AssetId;
  /** Work (PFLOP) and tokens that the designer aims at. */
  readonly targetWork: number;
  readonly targetTokens: number;
}

/** What a mechanism is told when its world opens. */
export interface MechanismContext {
  readonly epochSeconds: number;
  readonly horizonEpochs: number;
  readonly models: readonly ModelAccounts[];
  readonly providers: AccountRange;
  readonly dataProviders: AccountRange;
  /** Where grants and capital come from; it may go negative, and what it paid is the institution's outlay. */
  readonly sponsor: AccountId;
  /** Where bought compute and outreach are paid to. */
  readonly suppliers: AccountId;
  /** Issues ownership and coins; it goes negative by what exists. */
  readonly issuer: AccountId;
  /** Holds what providers have locked: stake, pay that has not vested, sums in escrow. */
  readonly vault: AccountId;
  /**
   * The person behind each provider account: accounts with the same number are one person's. Only a rule that checks persons
   * may read it; absent where every account is somebody else's.
   */
  readonly personOf?: Int32Array;
  readonly cash: AssetId;
  readonly coin: AssetId;
  /** The present value, in dollars, that every institution is to spend or give up in expectation. */
  readonly outlayDollars: number;
  /** Rate per epoch at which the institution's own spending is discounted. */
  readonly sponsorDiscountPerEpoch: number;
  /** Draw number `draw` of the mechanism's own stream, uniform on [0, 1). */
  uniform(draw: number): number;
}

/** The state of the world that a mechanism may look at when it quotes. Columns are per model. */
export interface Situation {
  readonly epoch: number;
  /** 1 while the model still takes work. */
  readonly training: Uint8Array;
  /** Effective work (PFLOP) that has gone into the model. */
  readonly cumulativeWork: Float64Array;
  /** Work (PFLOP) delivered in the previous epoch. */
  readonly recentWork: Float64Array;
  /** What participants expect all coming revenue (net of serving) to be worth today, in dollars. */
  readonly expectedValueDollars: Float64Array;
  /** Dollars per PFLOP at which compute of the providers' kind can be rented today. */
  readonly marketPricePerWork: number;
  /** Dollars per PFLOP that running the providers' devices costs them in electricity, on average. */
  readonly electricityPerWork: number;
  readonly balances: LedgerView;
}

/** Who may contribute: nobody, everybody, or the model's designers alone. */
export const access = { closed: 0, open: 1, designers: 2 } as const;

/** What a mechanism offers for one unit of work or data in this epoch. Columns are per model. */
export interface Offer {
  readonly access: Uint8Array;
  readonly cashPerWork: Float64Array;
  /** Share of the work that trains the model: 1, or 0 where work only secures a ledger. */
  readonly usefulShare: Float64Array;
  /** Units of ownership per PFLOP. */
  readonly claimPerWork: Float64Array;
  /** Share of coming revenue (net of serving) that goes to all holders of compute ownership together, while training and after. */
  readonly claimShare: Float64Array;
  /** Dollars' worth of coin per PFLOP. */
  readonly coinPerWork: Float64Array;
  /** How strongly this asks for donations, 0 to 1: it scales what giving is worth to a provider. */
  readonly donationAppeal: Float64Array;
  readonly cashPerToken: Float64Array;
  readonly claimPerToken: Float64Array;
  readonly dataClaimShare: Float64Array;
  /** Work (PFLOP) that the institution produces itself in this epoch, and what it pays its suppliers for it, in dollars. */
  readonly ownWork: Float64Array;
  readonly ownCostDollars: Float64Array;
  /** Training tokens that the institution brings itself in this epoch. */
  readonly ownTokens: Float64Array;
  /** What each identity at work gets in an epoch besides its pay for work: dollars, units of ownership, dollars' worth of coin. */
  readonly cashPerIdentity: Float64Array;
  readonly claimPerIdentity: Float64Array;
  readonly coinPerIdentity: Float64Array;
  /** Share of the names beyond a participant's first that count: 1, or less where persons are checked. */
  readonly furtherNames: Float64Array;
  /** Share of the pay that follows what a delivery is measured to gain, rather than what it claims: 0 where nobody measures. */
  readonly scoredShare: Float64Array;
  /** Stake asked of whoever works, dollars for each PFLOP of an epoch and for each identity: forfeited when caught cheating. */
  readonly stakePerWork: Float64Array;
  readonly stakePerIdentity: Float64Array;
  /** Share of the stake that bad work loses. */
  readonly forfeitShare: Float64Array;
  /** Epochs for which cash and coins, and units of ownership, are held after they were earned, and lost with the next bad work. */
  readonly payHeldEpochs: Float64Array;
  readonly claimsHeldEpochs: Float64Array;
  /** Of a rule that goes around another: what the inner rule offers, which settles by it. */
  readonly within?: Offer;
}

/** What validators measured of deliveries, one row for each; for rules that pay by score. */
export interface Evaluations {
  /** Relative fall of the loss through the delivery, on the data that it was assigned and on random data. */
  readonly assignedGain: Float64Array;
  readonly randomGain: Float64Array;
  /** Optimiser steps by which the sender's weights lag behind. */
  readonly stepsBehind: Float64Array;
  /** Largest share of what was sent that an earlier delivery of somebody else holds, too. */
  readonly overlap: Float64Array;
}

/** Who delivered what to whom in one epoch. Only the first `count` rows count; nobody is in two rows. */
export interface Deliveries {
  readonly count: number;
  /** Account that delivered. */
  readonly account: Int32Array;
  readonly model: Int32Array;
  readonly quantity: Float64Array;
  /**
   * Names under which each account delivered; one where absent. A row of k names stands for k accounts that each delivered a
   * k-th: only a rule that checks persons can tell the difference.
   */
  readonly identities?: Int32Array;
  readonly evaluations?: Evaluations;
}

/** What happened in one epoch. */
export interface EpochBatch {
  readonly epoch: number;
  /** Work done for the models: seller i is `providers.first + i`, `quantity` is verified work in PFLOP. */
  readonly work: Deliveries;
  /** Data delivered to the models: seller i is `dataProviders.first + i`, `quantity` is quality-weighted tokens. */
  readonly data: Deliveries;
  /**
   * Deliveries of work that an audit found bad, rightly or not; absent where nobody audits. They are not among `work`, so
   * that they earn nothing; `quantity` is the work that was claimed, PFLOP.
   */
  readonly verdicts?: Deliveries;
  /** Revenue net of serving cost, micro-dollars per model, already in the model's treasury. */
  readonly revenueMicros: Float64Array;
  readonly offer: Offer;
  readonly situation: Situation;
}

export interface Settlement<State> {
  readonly state: State;
  readonly postings: readonly PostingBatch[];
}

/**
 * A mechanism is pure: `settle` gets a state and what happened, and returns the next state and the postings that follow.
 * It never changes its arguments. Columns in an offer or a posting stay valid until the next call.
 */
export interface Mechanism<State = unknown> {
  readonly kind: string;
  /** Kind under which a world draws for it, where that is another one's: a rule around a rule draws what that would alone. */
  readonly drawsAs?: string;
  readonly claims: readonly MechanismProperty[];
  /** Where claims that depend on circumstances are made (default: `standardConditions`). */
  readonly conditions?: readonly ClaimCondition[];
  /** What it needs to be told of deliveries besides who did how much; a world that has it gives it. */
  readonly needs?: readonly "evaluations"[];
  open(context: MechanismContext): Settlement<State>;
  quote(state: State, situation: Situation): Offer;
  settle(state: State, batch: EpochBatch): Settlement<State>;
}
