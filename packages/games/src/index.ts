/** Equilibria and dynamics of games: payoff matrices, mixed equilibria, replicator dynamics. */
export {
  declaredShares,
  exactShapleyPlayers,
  gameAmong,
  leaveOneOutValues,
  payableShares,
  playersOf,
  type ShapleySample,
  sampledShapleyValues,
  shapleyValues,
} from "./shapley.ts";
