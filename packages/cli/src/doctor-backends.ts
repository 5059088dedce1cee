/** The checks of `shardlab doctor` on the tensor libraries, each in a process of its own. */
import type { BackendKind } from "@shardlab/learning/backends/index";
import { type BackendReport, rateText } from "./backend-check.ts";
import { type BackendProbe, probeBackends } from "./backend-probe.ts";
import type { Check } from "./doctor-checks.ts";

/** Reasons for which a computer may be without a backend and nothing is wrong. */
const absence = /^(backend not installed|no GPU|no such GPU)/;

export async function backendChecks(): Promise<Check[]> {
  const { backendKinds, isOptional } = await import("@shardlab/learning/backends/index");
  const probes = await probeBackends(backendKinds);
  return probes.map((probe) => checkOf(probe, isOptional));
}

function checkOf(probe: BackendProbe, isOptional: (kind: BackendKind) => boolean): Check {
  const name = `backend ${probe.kind}`;
  if ("report" in probe) return { name, state: "ok", detail: detailOf(probe.report) };
  // What to do stands in brackets at the end of the reason.
  const [, detail = probe.reason, advice = "npm ci && npm run build, then try again"] =
    /^(.*?) \((?:run: )?(.*)\)$/.exec(probe.reason) ?? [];
  if (absence.test(probe.reason)) return { name, state: "absent", detail: `${detail} (optional)`, advice };
  return { name, state: isOptional(probe.kind) ? "warning" : "failed", detail, advice };
}

const detailOf = (report: BackendReport): string => `${report.device}: ${rateText(report)}, ${report.version}`;
