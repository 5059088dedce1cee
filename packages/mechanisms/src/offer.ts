/** Offers start from nothing: a mechanism fills in only what it gives. */
import { access, type Offer } from "@shardlab/contracts";

/** An offer that takes no work and gives nothing, for `models` models. */
export function emptyOffer(models: number): Offer {
  const column = () => new Float64Array(models);
  return {
    access: new Uint8Array(models).fill(access.closed),
    cashPerWork: column(),
    usefulShare: column().fill(1),
    claimPerWork: column(),
    claimShare: column(),
    coinPerWork: column(),
    donationAppeal: column(),
    cashPerToken: column(),
    claimPerToken: column(),
    dataClaimShare: column(),
    ownWork: column(),
    ownCostDollars: column(),
    ownTokens: column(),
    cashPerIdentity: column(),
    claimPerIdentity: column(),
    coinPerIdentity: column(),
    furtherNames: column().fill(1),
    scoredShare: column(),
    stakePerWork: column(),
    stakePerIdentity: column(),
    forfeitShare: column().fill(1),
    payHeldEpochs: column(),
    claimsHeldEpochs: column(),
  };
}
