/** Offers start from nothing: a mechanism fills in only what it gives. */
import { access, type Offer } from "@shardlab/contracts";

/** An offer that takes no work and gives nothing, for `models` models. */
export function emptyOffer(models: number): Offer {
  const column = columnsOf(models);
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

/** Up to 64 bytes of a typed array lie in the engine's own heap, which is quick; longer ones cost ten times that. */
const longestInHeap = 8;
const columnsOfOffer = 22;

/** Makes columns of zeros: rules are asked hundreds of times a day what they would offer, so that long ones share a buffer. */
function columnsOf(models: number): () => Float64Array {
  if (models <= longestInHeap) return () => new Float64Array(models);
  const buffer = new ArrayBuffer(columnsOfOffer * models * Float64Array.BYTES_PER_ELEMENT);
  let made = 0;
  return () => new Float64Array(buffer, models * Float64Array.BYTES_PER_ELEMENT * made++, models);
}
