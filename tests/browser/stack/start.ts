// Starts what the tests run against: the demo as a person starts it, on free ports in a folder of its
// own, and beside it a second merchant whose pages the tests make themselves.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free_ports.ts";
import { serveHostPages } from "./host_server.ts";
import { liftedLimits } from "./limits.ts";
import { publish, type Stack } from "./stack.ts";
import { addCertifiedMerchant, root } from "./verifier.ts";

export default async function start(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-browser-"));
  const [shop, verifier, privately, console, host] = await freePorts(5);
  const demo = spawn(join(root, "scripts/demo"), {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...liftedLimits,
      WAXSEAL_DEMO_DIR: folder,
      WAXSEAL_DEMO_PORT: String(shop),
      WAXSEAL_DEMO_PUBLIC_PORT: String(verifier),
      WAXSEAL_DEMO_PRIVATE_PORT: String(privately),
      WAXSEAL_DEMO_CONSOLE_PORT: String(console),
    },
  });
  await firstOutput(demo);
  const stack: Stack = {
    folder,
    shop: `http://localhost:${shop}`,
    verifier: `http://localhost:${verifier}`,
    verifierPrivate: `https://127.0.0.1:${privately}`,
    hostPort: host!,
    credentials: addCertifiedMerchant(folder, host!),
  };
  publish(stack);
  const pages = await serveHostPages(stack);
  return async () => {
    pages.close();
    demo.kill("SIGTERM");
    if (demo.exitCode === null) await once(demo, "exit");
    await rm(folder, { recursive: true });
  };
}

/** The demo prints the shop's address when all of it answers, and nothing else. */
async function firstOutput(demo: ChildProcess): Promise<void> {
  const output = once(demo.stdout!, "data");
  const exit = once(demo, "exit").then(([code]) => {
    throw new Error(`scripts/demo ended with ${code}`);
  });
  exit.catch(() => undefined);
  await Promise.race([output, exit]);
}
