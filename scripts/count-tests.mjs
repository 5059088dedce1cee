// Prints "N passed, N failed" from vitest's JSON report and exits with 0 only if nothing failed.
// usage: node scripts/count-tests.mjs REPORT STATUS (STATUS: exit code of what ran before)
import { existsSync, readFileSync } from "node:fs";

const [path, status] = process.argv.slice(2);

/** Totals of the report; a file that could not even be loaded counts as one failure. */
function totalsOf(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}

const totals = existsSync(path)
  ? totalsOf(JSON.parse(readFileSync(path, "utf8")))
  : { passed: 0, failed: 1, skipped: 0 };
// Whatever else went wrong (lint, an unhandled error) is a failure too, even when every test passed.
if (Number(status) !== 0 && totals.failed === 0) totals.failed = 1;
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;
