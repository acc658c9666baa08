// The commands of the verifier's release build.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "./private_listener.ts";
import { HOST_NAMES } from "./stack.ts";

export const root = join(import.meta.dirname, "../../..");

const MERCHANT = "Test Kitchen";

export const binary = join(
  process.env["CARGO_TARGET_DIR"] ?? join(root, "target"),
  "release/verifier",
);

export function configFile(folder: string): string {
  return join(folder, "waxseal.toml");
}

/** Runs a command that ends; gives what it printed. */
export function runVerifier(folder: string, ...command: string[]): string {
  return execFileSync(binary, [...command, "--config", configFile(folder)], { encoding: "utf8" });
}

/** Runs a command of the demo's own authority. */
function runPki(folder: string, ...command: string[]): void {
  execFileSync(binary, ["pki", ...command, "--dir", join(folder, "pki")], { encoding: "utf8" });
}

/** Registers a test merchant, whose pages are on that port, and whose server has a secret. */
export function addMerchant(folder: string, port: number): { id: string; secret: string } {
  const { client_id, client_secret } = JSON.parse(add(folder, port, MERCHANT));
  return { id: client_id, secret: client_secret };
}

/** The same with a certificate of the demo's authority in place of a secret. */
export function addCertifiedMerchant(folder: string, port: number, merchant = MERCHANT): Credentials {
  const name = `${merchant.toLowerCase().replaceAll(" ", "-")}-${port}`;
  runPki(folder, "issue", "--client", name);
  add(folder, port, merchant, "--certificate-name", `dns:${name}`);
  const pem = (file: string): string => readFileSync(join(folder, "pki", file), "utf8");
  return { ca: pem("ca.crt"), cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

function add(folder: string, port: number, merchant: string, ...more: string[]): string {
  const origins = HOST_NAMES.flatMap((name) => ["--origin", `http://${name}:${port}`]);
  return runVerifier(folder, "merchants", "add", "--name", merchant, ...origins, ...more, "--json");
}
