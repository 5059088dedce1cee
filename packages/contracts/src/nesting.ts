/** Specifications that hold others of their family, such as those of rules that go around another rule. */

/** Whatever has a kind, and perhaps others of its family inside. */
export interface Kinded {
  readonly kind: string;
}

/** The kinds of `spec` and of all specifications inside it, outermost first. */
export function kindsWithin(spec: Kinded): string[] {
  return specsWithin(spec).map(({ kind }) => kind);
}

/** `spec` and all specifications inside it, outermost first. */
export function specsWithin(spec: Kinded): Kinded[] {
  const inner = Object.values(spec).filter(isKinded);
  return [spec, ...inner.flatMap(specsWithin)];
}

const isKinded = (value: unknown): value is Kinded =>
  typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
