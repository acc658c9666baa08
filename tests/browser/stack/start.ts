// Starts what the tests run against: the demo as a person starts it, on free ports in a folder of its
// own, and beside it a second merchant whose pages the tests make themselves.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveHostPages } from "./host_server.ts";
import { HOST_NAMES, publish, type Stack } from "./stack.ts";

const root = join(import.meta.dirname, "../../..");

export default async function start(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-browser-"));
  const [shop, verifier, privately, host] = await freePorts(4);
  const demo = spawn(join(root, "scripts/demo"), {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      WAXSEAL_DEMO_DIR: folder,
      WAXSEAL_DEMO_PORT: String(shop),
      WAXSEAL_DEMO_PUBLIC_PORT: String(verifier),
      WAXSEAL_DEMO_PRIVATE_PORT: String(privately),
    },
  });
  await firstOutput(demo);
  const stack: Stack = {
    folder,
    shop: `http://localhost:${shop}`,
    verifier: `http://localhost:${verifier}`,
    verifierPrivate: `http://127.0.0.1:${privately}`,
    hostPort: host!,
    credentials: addMerchant(folder, host!),
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

function addMerchant(folder: string, port: number): Stack["credentials"] {
  const binary = join(process.env["CARGO_TARGET_DIR"] ?? join(root, "target"), "release/verifier");
  const origins = HOST_NAMES.flatMap((name) => ["--origin", `http://${name}:${port}`]);
  const config = ["--config", join(folder, "waxseal.toml")];
  const printed = execFileSync(
    binary,
    ["merchants", "add", ...config, "--name", "Test Kitchen", ...origins, "--json"],
    { encoding: "utf8" },
  );
  const { client_id, client_secret } = JSON.parse(printed);
  return { id: client_id, secret: client_secret };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) server.close();
  return ports;
}
