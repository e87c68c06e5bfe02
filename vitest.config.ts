import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

if (!process.features.typescript) throw new Error('Tests run by the Node of the project, as by: npx vitest');

// A run starts some 300 processes: with what Node has compiled stored, each takes 1 s less of a core. Not for coverage,
// which is less precise then.
if (!process.argv.some((argument) => argument.startsWith('--coverage')))
  process.env['NODE_COMPILE_CACHE'] ??= new URL('.cache/compiled', import.meta.url).pathname;

/** Files that take longest come first: the last one would run alone. Other than these, a new clone knows sizes only. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/(stress|mark)\/|\/(two-servers|tenancy|tampering|hostile|check|dormant|kills|crash)\.test\.ts$/.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/cluster.ts',
    reporters: ['test/support/reporter.ts'],
    pool: 'forks',
    // Loading the program takes longer than most files do: the files that a process runs share it.
    isolate: false,
    // Two cores are busy with three: files wait for servers, databases and timers.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Tests that wait for seconds to pass do so all at once.
    maxConcurrency: 20,
    // What takes longer hangs: the longest takes a quarter of it.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // PostgreSQL writes out what a whole run has left.
    teardownTimeout: 60_000,
    // Node itself loads the files, as it does where the service runs, and nothing stands between.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    coverage: {
      include: ['src/**/*.ts'],
      exclude: ['src/db/migrations/**'],
      reporter: ['text-summary', 'html'],
      // Most of it runs in servers that tests start.
      autoAttachSubprocess: true,
    },
  },
});
