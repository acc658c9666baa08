// The commands of the verifier's release build.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { HOST_NAMES, type Stack } from "./stack.ts";

export const root = join(import.meta.dirname, "../../..");

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

/** Registers the test merchant, whose pages are on that port. */
export function addMerchant(folder: string, port: number): Stack["credentials"] {
  const origins = HOST_NAMES.flatMap((name) => ["--origin", `http://${name}:${port}`]);
  const printed = runVerifier(
    folder, "merchants", "add", "--name", "Test Kitchen", ...origins, "--json",
  );
  const { client_id, client_secret } = JSON.parse(printed);
  return { id: client_id, secret: client_secret };
}
