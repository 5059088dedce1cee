import { reportLine } from "./backend-check.ts";
import { probeBackends } from "./backend-probe.ts";
import type { Terminal } from "./terminal.ts";

export async function listBackendProbes(
  { directory, format }: { readonly directory?: string; readonly format: "text" | "json" },
  terminal: Terminal,
): Promise<void> {
  const { backendKinds } = await import("@shardlab/learning/backends/index");
  const probes = await probeBackends(backendKinds, directory);
  if (format === "json") {
    terminal.print(JSON.stringify(probes, null, 2));
    return;
  }
  for (const probe of probes)
    terminal.print("report" in probe ? reportLine(probe.report) : `${probe.kind}: ${probe.reason}`);
  const missing = probes.find((probe) => "reason" in probe && probe.reason.startsWith("backend not installed"));
  terminal.note(`next: shardlab backend ${missing === undefined ? "check auto" : `install ${missing.kind}`}`);
}
