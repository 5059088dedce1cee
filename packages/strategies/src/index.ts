/** One file per way in which a participant decides. */
export {};
