/** One file per published way of checking work. */
export {};
