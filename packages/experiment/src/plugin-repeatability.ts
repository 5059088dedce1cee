/** Looks through a plugin's code for what would make a run depend on the machine or the moment. */

const inexact =
  "acos|acosh|asin|asinh|atan|atan2|atanh|cbrt|cos|cosh|exp|expm1|hypot|log|log10|log1p|log2|pow|sin|sinh|tan|tanh";

const faults: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/\bMath\.random\b/g, "take draws from context.uniform"],
  [/\b(new Date|Date\.now|Date\.parse|performance\.now|process\.hrtime)\b/g, "take time from the situation's epoch"],
  [/\bprocess\.env\b/g, "make it a parameter of the spec"],
  [/\b(crypto\.getRandomValues|crypto\.randomUUID|randomBytes)\b/g, "take draws from context.uniform"],
  [
    /\bfrom\s*["'](node:)?(fs|fs\/promises|os|http|https|net|child_process|worker_threads)["']/g,
    "a mechanism is a pure function",
  ],
  [new RegExp(`\\bMath\\.(${inexact})\\b`, "g"), "engines round it differently: use @shardlab/numerics"],
  [
    /(?<![\w.])(?!2\s*\*\*\s*-?\d+n?\b)[\w.)\]]+\s*\*\*/g,
    "engines round powers differently: use pow of @shardlab/numerics",
  ],
];

/** What is found, each once with what to do instead; text in strings counts, because leaving it out needs a parser. */
export function repeatabilityFaults(code: string): string[] {
  return faults.flatMap(([pattern, advice]) =>
    [...new Set([...code.matchAll(pattern)].map(([found]) => found.trim()))].map((found) => `${found}: ${advice}`),
  );
}
