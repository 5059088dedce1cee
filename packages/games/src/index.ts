/** Equilibria and dynamics of games: payoff matrices, mixed equilibria, replicator dynamics; and Shapley values. */
export { type Attractor, type BasinOptions, type Basins, basinsOfAttraction, wilsonInterval } from "./basins.ts";
export {
  type EquilibriumInterval,
  equilibriumIntervals,
  type FollowedEquilibrium,
  quantile,
  type RolesInterval,
  type RolesMix,
  rolesIntervals,
  type Uncertainty,
} from "./equilibrium-intervals.ts";
export { evolutionaryStability, type RestingPlace, type Stability } from "./evolutionary-stability.ts";
export {
  type BimatrixGame,
  bimatrixGame,
  meanPayoff,
  membersOf,
  type PopulationGame,
  pairwise,
  regretOf,
  rolesOf,
  rolesRegret,
  type SymmetricGame,
  scaleOf,
  symmetricGame,
  twoPopulations,
} from "./game.ts";
export { type LabelledPath, lemkeHowson, symmetricLemkeHowson } from "./lemke-howson.ts";
export { type LogitBranch, type LogitPoint, logitBranch } from "./logit-equilibrium.ts";
export { independentDraws, meanOf, type PayoffDraws, pairedDraws } from "./payoff-draws.ts";
export { type PopulationEquilibrium, populationEquilibria, refine } from "./population-equilibria.ts";
export { profileCount, profilesOf, type ReducedGame, reducedGame } from "./reduced-game.ts";
export { type ReplicatorOptions, type ReplicatorPath, replicatorPath } from "./replicator-dynamics.ts";
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
export {
  mostEnumerated,
  mostEnumeratedInRoles,
  type RolesEquilibrium,
  rolesEquilibria,
  type SymmetricEquilibrium,
  symmetricEquilibria,
} from "./support-enumeration.ts";
