/** The page of the register: claim, verdict, region, what moved it, and a figure each. */
import type { Assumption } from "@shardlab/contracts";
import type { ClaimSummary, Plan } from "@shardlab/experiment";
import type { Provenance, ReportContent } from "@shardlab/report";
import { listExperimentRuns, type RunManifest } from "@shardlab/results";
import { capitalized, enumerate } from "./answer.ts";
import { type ClaimWords, claimFigure, claimFinding, moversText, regionLines } from "./claim-content.ts";
import { formatQuantity } from "./number-format.ts";

/** A claim whose runs are made. */
export interface JudgedClaim {
  /** Scenario file that makes the claim. */
  readonly file: string;
  readonly plan: Plan;
  readonly directory: string;
  readonly claim: ClaimSummary;
}

/** @property isPart whether there are more claims than these, with a page of their own. */
interface PageOptions {
  readonly schema: object;
  readonly isPart: boolean;
}

export async function claimsPage(
  judged: readonly JudgedClaim[],
  { schema, isPart }: PageOptions,
): Promise<ReportContent> {
  const words = judged.map(({ claim, plan }): ClaimWords => ({ claim, schema, resolved: plan.scenario }));
  const manifests = judged.flatMap(({ directory, plan }) => manifestsOf(directory, plan));
  return {
    title: isPart ? `${claimsNamed(judged)} put to the test` : "Claims put to the test",
    question: "Which claims about protocol models hold, and where?",
    reference:
      "The claims are those of Variant, “Why (Good) AI Needs Crypto” (2025), and of the papers named with each.",
    answer: {
      sentence: sentenceOf(judged),
      basis:
        "Each claim is run at points spread over the region in which its parameters plausibly lie. It is true at a point where " +
        "every criterion is, by Student’s t at 95 % over seeds, and false where one of them is. The verdict goes by the 95 % " +
        "interval of the share of the region in which it is true, with points that cannot be told counted against either side: " +
        "“holds” where that interval lies above 80 %, “fails” where it lies below 20 %, “holds in part” where it lies between 10 and " +
        "90 %, “undecided” otherwise; shardlab claims --full takes more points. What a model leaves out is under assumptions.",
    },
    findings: words.map(claimFinding),
    figures: words.map((one) => claimFigure(one, `claim-${one.claim.design.number}`)),
    tables: [registerTable(words)],
    assumptions: assumptionsOf(manifests),
    provenance: provenanceOf(judged, manifests),
  };
}

/** `Claim 3`, `Claims 1 and 4`. */
function claimsNamed(judged: readonly JudgedClaim[]): string {
  const numbers = judged.map(({ claim }) => String(claim.design.number));
  return `${numbers.length === 1 ? "Claim" : "Claims"} ${enumerate(numbers)}`;
}

const manifestsOf = (directory: string, { tasks }: Plan): RunManifest[] => {
  const planned = new Set(tasks.map(({ runHash }) => runHash));
  return listExperimentRuns(directory).flatMap(({ manifest }) => (planned.has(manifest.runHash) ? [manifest] : []));
};

function sentenceOf(judged: readonly JudgedClaim[]): string {
  const numbersOf = (verdict: ClaimSummary["verdict"]): string[] =>
    judged.filter(({ claim }) => claim.verdict === verdict).map(({ claim }) => String(claim.design.number));
  const parts = (["holds", "holds in part", "fails", "undecided"] as const).flatMap((verdict) => {
    const numbers = numbersOf(verdict);
    if (numbers.length === 0) return [];
    const subject = `${numbers.length === 1 ? "claim" : "claims"} ${enumerate(numbers)}`;
    const isOne = numbers.length === 1;
    const verb = {
      holds: isOne ? "holds" : "hold",
      "holds in part": isOne ? "holds in part of its region" : "hold in part of their regions",
      fails: isOne ? "fails" : "fail",
      undecided: `${isOne ? "is" : "are"} undecided with so few runs`,
    }[verdict];
    return [`${subject} ${verb}`];
  });
  return `${capitalized(parts.join("; "))}.`;
}

function registerTable(words: readonly ClaimWords[]): ReportContent["tables"][number] {
  return {
    title: "Register",
    note: "Points of the region at which the claim is true, false, or cannot be told from chance, and the 95 % interval of the share of the region in which it is true. What moves it: share of the variance of the margin, with interactions.",
    columns: [
      { label: "claim", numeric: false },
      { label: "verdict", numeric: false },
      { label: "true", numeric: true },
      { label: "false", numeric: true },
      { label: "untold", numeric: true },
      { label: "95\u00a0% from", numeric: true },
      { label: "to", numeric: true },
      { label: "where it holds best", numeric: false },
      { label: "what moves it", numeric: false },
    ],
    rows: words.map((one) => {
      const { design, verdict, whole } = one.claim;
      const [low, high] = whole.ci95;
      return {
        cells: [
          `${design.number}. ${design.statement}`,
          verdict,
          ...[whole.holds, whole.fails, whole.open].map(String),
          ...[low, high].map((share) => formatQuantity(Math.round(100 * share) / 100, "share")),
          regionLines(one)[0] ?? null,
          moversText(one, ""),
        ],
      };
    }),
  };
}

function assumptionsOf(manifests: readonly RunManifest[]): Assumption[] {
  const byStatement = new Map<string, Assumption>();
  for (const { assumptions } of manifests) {
    for (const assumption of assumptions) byStatement.set(assumption.statement, assumption);
  }
  return [...byStatement.values()];
}

function provenanceOf(judged: readonly JudgedClaim[], manifests: readonly RunManifest[]): Provenance {
  const [first] = manifests;
  const phases = manifests.flatMap((manifest) => Object.values(manifest.phases));
  const seeds = manifests.map(({ seed }) => seed);
  const [low, high] = seeds.reduce(([a, b], seed) => [Math.min(a, seed), Math.max(b, seed)], [Infinity, -Infinity]);
  return {
    experiment: judged.map(({ plan }) => plan.experiment).join(", "),
    scenarioHash: judged.map(({ plan }) => plan.scenarioHash).join(" "),
    modelHash: judged[0]?.plan.modelHash ?? "",
    commit: first?.commit ?? null,
    dirty: manifests.some(({ dirty }) => dirty === true) || (first?.dirty ?? null),
    runs: manifests.length,
    seeds: `${low} to ${high}`,
    determinism: "exact",
    node: first?.node ?? "",
    wallSeconds: phases.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    cpuSeconds: phases.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}
