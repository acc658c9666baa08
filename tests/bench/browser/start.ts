// Starts what is measured: the verifier's release build, with no shop and no relay in front of it, on
// free ports and an empty database, and a merchant's pages.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../browser/stack/free_ports.ts";
import { serveHostPages } from "../../browser/stack/host_server.ts";
import { liftedLimits } from "../../browser/stack/limits.ts";
import { publish } from "../../browser/stack/stack.ts";
import { addMerchant, binary, configFile, root, runVerifier } from "../../browser/stack/verifier.ts";

const READY_WITHIN_MS = 20_000;

export default async function start(): Promise<void> {
  let verifier: ChildProcess | undefined;
  const folder = mkdtempSync(join(tmpdir(), "waxseal-bench-"));
  // Not a teardown: Playwright calls none when the start fails or is interrupted.
  process.once("exit", () => {
    verifier?.kill("SIGKILL");
    rmSync(folder, { recursive: true, maxRetries: 5 });
  });
  // Node.js would end without that event; Playwright's workers end with this process.
  process.once("SIGTERM", () => process.exit(143));

  const [publicly, privately, hostPort] = (await freePorts(3)) as [number, number, number];
  runVerifier(folder, "init", "--assets", join(root, "sdk-wasm/dist"));
  const stack = {
    folder,
    verifier: `http://localhost:${publicly}`,
    verifierPrivate: `http://127.0.0.1:${privately}`,
    hostPort,
    credentials: addMerchant(folder, hostPort),
  };
  publish(stack);
  await serveHostPages(stack);
  const log = join(folder, "verifier.log");
  const output = openSync(log, "w");
  verifier = spawn(binary, ["serve", "--config", configFile(folder)], {
    stdio: ["ignore", output, output],
    env: {
      ...process.env,
      ...liftedLimits,
      WAXSEAL_VERIFIER__LISTEN__PUBLIC: `127.0.0.1:${publicly}`,
      WAXSEAL_VERIFIER__LISTEN__CONSOLE: "127.0.0.1:0",
      WAXSEAL_VERIFIER__LISTEN__PRIVATE: `127.0.0.1:${privately}`,
      WAXSEAL_VERIFIER__LISTEN__PUBLIC_ORIGIN: stack.verifier,
    },
  });
  await ready(verifier, `${stack.verifierPrivate}/readyz`).catch((error: Error) => {
    throw new Error(`${error.message}: ${readFileSync(log, "utf8").slice(-500)}`);
  });
}

async function ready(verifier: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await fetch(url).then(({ ok }) => ok, () => false))) {
    if (verifier.exitCode !== null) throw new Error(`the verifier ended with ${verifier.exitCode}`);
    if (Date.now() > deadline) throw new Error(`the verifier did not answer in ${READY_WITHIN_MS} ms`);
    await sleep(50);
  }
}
