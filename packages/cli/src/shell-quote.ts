/** `text` as a shell takes it for one word, for commands that are printed to be pasted. */
export const shellQuote = (text: string): string =>
  /^[\w./=:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
