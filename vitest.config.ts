import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { viteShaders } from './scripts/bundle/wgsl.ts';
import { trainInNode } from './test/browser/commands.ts';
import { CHROMIUM_FLAGS } from './test/support/process/chromium.ts';

const alias = { wgrad: fileURLToPath(new URL('./src/index.ts', import.meta.url)) };

/** What `npm run test:quick` (mode `quick`) leaves out; every op is still checked, by fewer random cases. */
const LONG = [
  'test/bundle/**',
  'test/device/process.test.ts',
  'test/{docs,examples}/**',
  'test/gradcheck/networks.test.ts',
  'test/properties/{dropout,seed,size}.test.ts',
  'test/{profile/{debug,profiler},tune/tuner}.test.ts',
];
const QUICK_RUNS = '6';

/** Tests of what only Node does: files, child processes, Node's own memory, the scripts. */
const NODE_ONLY = [
  'test/{bench,bundle,docs,examples,scripts}/**',
  'test/data/idx.test.ts',
  'test/device/process.test.ts',
  'test/{ops/registry,profile/debug,tune/{cache,tuner},wgsl/shaders}.test.ts',
  'test/serialize/state.test.ts',
  'test/tensor/{garbage,print}.test.ts',
];
/** Tests of what only a browser does. */
const BROWSER_ONLY = ['test/browser/**'];
/** Tests in Node that open a browser. */
const WITH_CHROMIUM = ['test/e2e/**'];
/** Random cases of a test in the browser, whose driver has a fifth of lavapipe's speed. */
const BROWSER_RUNS = '6';
/** What the command line asks of the random tests (test/support/random.ts); a browser has no environment of its own. */
const TEST_SETTINGS = Object.fromEntries(
  Object.entries(env).flatMap(([name, value]) => (name.startsWith('WGRAD_TEST_') && value ? [[name, value]] : [])),
);

const shared = {
  setupFiles: ['test/support/setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  isolate: false,
};

function nodeProject(quick: boolean, chromium: string): TestProjectInlineConfiguration {
  return {
    resolve: { alias },
    test: {
      ...shared,
      name: 'node',
      include: ['test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...BROWSER_ONLY, ...(chromium ? [] : WITH_CHROMIUM), ...(quick ? LONG : [])],
      env: quick ? { WGRAD_TEST_RUNS: QUICK_RUNS, ...TEST_SETTINGS } : {},
      maxWorkers: 2,
      pool: 'forks',
    },
  };
}

/** The same tests in a headless Chromium on SwiftShader, with the shaders as they are published. */
async function browserProject(executablePath: string): Promise<TestProjectInlineConfiguration> {
  const { playwright } = await import('@vitest/browser-playwright');
  return {
    resolve: { alias },
    plugins: [viteShaders],
    optimizeDeps: { include: ['fast-check'] },
    test: {
      ...shared,
      name: 'browser',
      // After the tests in Node: both want all cores.
      sequence: { groupOrder: 1 },
      include: ['test/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...NODE_ONLY, ...WITH_CHROMIUM],
      env: { WGRAD_TEST_RUNS: BROWSER_RUNS, ...TEST_SETTINGS },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_FLAGS } }),
        instances: [{ browser: 'chromium' }],
        commands: { trainInNode },
      },
    },
  };
}

export default defineConfig(async ({ mode }) => {
  const quick = mode === 'quick';
  // scripts/setup.mjs says where there is one.
  const chromium = quick ? '' : (env.WGRAD_CHROMIUM ?? '');
  const projects = [nodeProject(quick, chromium), ...(chromium ? [await browserProject(chromium)] : [])];
  return { test: { projects } };
});
