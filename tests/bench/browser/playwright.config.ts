import { defineConfig } from "@playwright/test";
import tests from "../../browser/playwright.config.ts";

/** Measures; see scripts/bench. WAXSEAL_BENCH_QUICK, when not empty, asks for fewer rounds. */
export default defineConfig({
  testDir: ".",
  testMatch: ["signals.ts", "waits.ts"],
  outputDir: "../../test-results/bench",
  globalSetup: "./start.ts",
  // Nothing else runs while something is measured, and a second try would print figures twice.
  workers: 1,
  retries: 0,
  maxFailures: 1,
  timeout: 120_000,
  globalTimeout: 300_000,
  reporter: [["./figures_alone.ts"]],
  use: tests.use ?? {},
});
