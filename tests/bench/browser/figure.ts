// One measured figure as a JSON line, as figure.rs prints it.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Prints a figure. `n` is how many measurements it comes from. */
export function print(name: string, value: number, unit: string, n: number): void {
  const rounded = Math.round(value * 1000) / 1000;
  console.log(JSON.stringify({ name, value: rounded, unit, n, machine: machine() }));
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.round((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}

/** Processor model and number of processors. */
function machine(): string {
  const model = /^model name.*?: (.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"));
  return `${model?.[1] ?? "unknown processor"}, ${availableParallelism()} processors`;
}
