/** Equilibria and dynamics of games: payoff matrices, mixed equilibria, replicator dynamics. */
export {};
