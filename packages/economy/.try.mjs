import { readFileSync } from "node:fs";
import { loadScenario, formatFault } from "@shardlab/scenario";
for (const f of process.argv.slice(2)) { const r = loadScenario(readFileSync(f), {file:f}); console.log(r.ok ? r.scenario.points.map(p=>[p.coordinates,p.hash]) : r.faults.map(x=>formatFault(f,x))); }
