/** One file per published way of cheating: what it saves, how it is found, what it harms. */
export {};
