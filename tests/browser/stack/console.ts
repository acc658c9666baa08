// A verifier of its own with a console, a program and somebody who signs in.

import { spawn, execFileSync, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free_ports.ts";
import { binary, configFile, root, runVerifier } from "./verifier.ts";

const START_MS = 30_000;
const STEP_S = 30;

export const PASSWORD = "correct horse battery staple";
export const REDIRECT_URI = "http://127.0.0.1:8123/callback";

export interface Console {
  origin: string;
  clientId: string;
  /** What the authenticator shows now or next, each code once. */
  code(): Promise<string>;
  stop(): Promise<void>;
}

export async function startConsole(): Promise<Console> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-console-"));
  const [listener, publicly, privately] = await freePorts(3);
  runVerifier(folder, "init", "--assets", join(root, "sdk-wasm/dist"));
  const program = runVerifier(
    folder, "programs", "add", "--name", "Back office", "--redirect-uri", REDIRECT_URI,
    "--scope", "keys:read", "--scope", "keys:write", "--json",
  );
  const user = execFileSync(
    binary,
    ["users", "add", "--name", "ann", "--scope", "keys:read", "--json", "--config", configFile(folder)],
    { input: `${PASSWORD}\n`, encoding: "utf8" },
  );
  const origin = `http://localhost:${listener}`;
  const verifier = spawn(binary, ["serve", "--config", configFile(folder)], {
    stdio: ["ignore", "ignore", "ignore"],
    env: {
      ...process.env,
      WAXSEAL_VERIFIER__LISTEN__CONSOLE: `127.0.0.1:${listener}`,
      WAXSEAL_VERIFIER__LISTEN__CONSOLE_ORIGIN: origin,
      WAXSEAL_VERIFIER__LISTEN__PUBLIC: `127.0.0.1:${publicly}`,
      WAXSEAL_VERIFIER__LISTEN__PRIVATE: `127.0.0.1:${privately}`,
    },
  });
  await ready(verifier, origin);
  const uri = new URL(JSON.parse(user).second_factor);
  const seed = fromBase32(uri.searchParams.get("secret")!);
  let last = 0;
  return {
    origin,
    clientId: JSON.parse(program).client_id,
    async code() {
      const step = Math.max(Math.floor(Date.now() / 1000 / STEP_S), last + 1);
      // The verifier takes a code one step early: no need to wait for that one.
      while (step > Math.floor(Date.now() / 1000 / STEP_S) + 1) await pause();
      last = step;
      return codeAt(seed, step);
    },
    async stop() {
      verifier.kill("SIGTERM");
      if (verifier.exitCode === null) await once(verifier, "exit");
      await rm(folder, { recursive: true });
    },
  };
}

async function ready(verifier: ChildProcess, origin: string): Promise<void> {
  const until = Date.now() + START_MS;
  while (verifier.exitCode === null && Date.now() < until) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await pause();
  }
  throw new Error("the console does not answer");
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

/** RFC 6238. */
function codeAt(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const tag = createHmac("sha1", seed).update(counter).digest();
  const word = tag.readUInt32BE(tag[19]! & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((digit) => alphabet.indexOf(digit).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}
