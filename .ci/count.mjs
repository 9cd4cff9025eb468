// usage: node count.mjs <vitest's results.json> <vitest's exit code> [failed check ...]
// Prints 'N passed, N failed' and exits with 1 when anything failed or no test ran.
import { existsSync, readFileSync } from 'node:fs';

const [file, exitCode, ...failedChecks] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = report;

// A file that does not load, or fails outside its tests, counts as one.
const failedFiles = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
);
let failed = numFailedTests + failedFiles.length;
// Unhandled errors, a coverage gate, no results at all: whatever made vitest fail is a failure.
if (failed === 0 && exitCode !== '0') failed = 1;
failed += failedChecks.length;

for (const check of failedChecks) console.log(`failed: ${check}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
