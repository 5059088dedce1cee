/** Network physics on virtual time. */
export {};
