// Readings in the short form, as the verifier opens them, and what their bits and numbers are called.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OpenedEnvelope } from "./opened_envelope.ts";

/** `[us, value]`, or a letter with the duration. */
export type Short = [us: number, value: unknown] | Record<"e" | "m" | "s" | "u", number>;

interface Row {
  name: string;
  /** What each position of the value stands for. */
  parts: string[];
  isMinimal: boolean;
}

/** The registry, as docs/signals.md has it: a test of the protocol holds the two together. */
export const REGISTRY: Row[] = readFileSync(join(import.meta.dirname, "../../docs/signals.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| `\w+` \| .* \| full/.test(line))
  .map((line) => {
    const [name, value, levels] = line.slice(2).split(" | ") as [string, string, string];
    const parts = value.split(": ")[1]?.split(", ") ?? [];
    return { name: name.replaceAll("`", ""), parts, isMinimal: levels.includes("minimal") };
  });

/** A reading in the short form. */
export function short({ content }: OpenedEnvelope, name: string): any {
  return content.signals[name];
}

/** The names of a value's bits that are set. */
export function bits(opened: OpenedEnvelope, name: string): string[] {
  const value: number = short(opened, name)[1];
  return partsOf(name).filter((_, at) => value & (1 << at));
}

/** The numbers or texts of a value by their names. */
export function named(opened: OpenedEnvelope, name: string): Record<string, any> {
  return byName(name, [...short(opened, name)[1]]);
}

/** The numbers of one field of the form. */
export function field(opened: OpenedEnvelope, at: number): Record<string, number> {
  const { length } = partsOf("fields");
  return byName("fields", short(opened, "fields")[1].slice(at * length, (at + 1) * length));
}

function byName(name: string, values: unknown[]): Record<string, any> {
  return Object.fromEntries(partsOf(name).map((part, at) => [part, values[at]]));
}

function partsOf(name: string): string[] {
  return REGISTRY.find((row) => row.name === name)!.parts;
}
