/**
 * Runs what measures signals, one after another, between what the browser has to do for the customer.
 *
 * A signal's function returns its value, `undefined` where the browser lacks it, or throws. What is
 * drawn or computed is measured twice: `unstable` is what differs.
 */

/** The short form of `waxseal_protocol::signal::Reading`. */
export type Reading = [us: number, value: Value] | { e: number } | { s: number } | { u: number };
export type Value = number | string | number[] | string[];
export type Readings = Record<string, Reading>;
export type Measure = () => Value | undefined | Promise<Value | undefined>;

/** A part of a task that no customer notices, in ms: well below a frame's 16. */
const SLICE_MS = 8;
/** What does not answer in this time, such as a worker that never starts, is not waited for, in ms. */
const LIMIT_MS = 1_000;

let sliceStart = 0;

/** Measures a signal into `readings`. */
export async function read(readings: Readings, name: string, measure: Measure, twice = false): Promise<void> {
  await breathe();
  const start = now();
  const us = () => Math.max(0, Math.round((now() - start) * 1000)) || 0;
  try {
    const value = await within(measure());
    if (value === undefined) readings[name] = { s: us() };
    else if (twice && String(value) !== String(await within(measure()))) readings[name] = { u: us() };
    else readings[name] = [us(), value];
  } catch {
    readings[name] = { e: us() };
  }
}

/** Lets the browser do what is due, when enough was done in a row. */
export async function breathe(): Promise<void> {
  if (now() - sliceStart < SLICE_MS) return;
  await new Promise<unknown>((resolve) => setTimeout(resolve));
  sliceStart = now();
}

export function within<T>(value: T | Promise<T>): Promise<T | undefined> {
  return Promise.race([value, new Promise<undefined>((resolve) => setTimeout(resolve, LIMIT_MS))]);
}

export function now(): number {
  return performance.now();
}
