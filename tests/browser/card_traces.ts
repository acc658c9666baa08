// Looks for a card in what others than the verifier read, in each way that somebody may have written it.

import { randomInt } from "node:crypto";
import { expect } from "@playwright/test";

export interface TypedCard {
  pan: string;
  cvc: string;
}

/** A card that nobody has seen before, so that wherever its digits stand, they come from this one. */
export function freshCard(bin: string, length: number, cvcLength: number): TypedCard {
  const body = bin + randomDigits(length - bin.length - 1);
  return { pan: body + checkDigit(body), cvc: randomDigits(cvcLength) };
}

/** Fails if the text holds the card in any form. */
export function expectNothingOf(card: TypedCard, where: string, text: string | Buffer): void {
  expect(found(card, text), `traces of ${card.pan} with ${card.cvc} in ${where}`).toEqual([]);
}

/** The forms of the card that stand in the text. */
export function found(card: TypedCard, text: string | Buffer): string[] {
  const bytes = Buffer.from(text);
  return traces(card).filter((trace) => bytes.includes(trace));
}

/**
 * All but the last four digits, which everybody may know, and the code by its name: three digits alone
 * stand anywhere.
 */
function traces({ pan, cvc }: TypedCard): string[] {
  const digits = pan.slice(0, -4);
  const numbers = [digits, ...SEPARATORS.flatMap((separator) => grouped(digits, separator))];
  const codes = [`"cvc":"${cvc}"`, `cvc=${cvc}`];
  const codesAsText = [
    `"cvc": "${cvc}"`,
    String.raw`\"cvc\":\"${cvc}\"`,
    `cvc: ${cvc}`,
    `cvc":${cvc}`,
    `cvc:${cvc}`,
  ];
  return [...new Set([...[...numbers, ...codes].flatMap(encoded), ...codesAsText])];
}

/** What may stand between groups; a no-break space as itself, in HTML and in a URL. */
const SEPARATORS = [" ", "-", "%20", "+", "\u00a0", "&nbsp;", "%C2%A0"];

/** In fours, and as on an American Express card. */
function grouped(digits: string, separator: string): string[] {
  const inFours = digits.match(/.{1,4}/g)!;
  const asAmex = /^(.{4})(.{6})(.*)$/.exec(digits)!.slice(1);
  return [inFours, asAmex].map((groups) => groups.join(separator));
}

function encoded(text: string): string[] {
  const hex = Buffer.from(text).toString("hex");
  return [text, hex, hex.toUpperCase(), ...inBase64(text), ...inBase32(text)];
}

/** In base64url too: no form of a card gives any of the characters in which the two differ. */
function inBase64(text: string): string[] {
  return certain(text, { bytes: 3, characters: 4 }, (bytes) => bytes.toString("base64"));
}

function inBase32(text: string): string[] {
  const upper = certain(text, { bytes: 5, characters: 8 }, base32);
  return [...upper, ...upper.map((form) => form.toLowerCase())];
}

/** The characters that the text always gives when encoded, at each place where it may begin in a unit. */
function certain(
  text: string,
  unit: { bytes: number; characters: number },
  encode: (bytes: Buffer) => string,
): string[] {
  return Array.from({ length: unit.bytes }, (_, before) => {
    const at = (bytes: number) => (bytes * unit.characters) / unit.bytes;
    // A character that also holds bits of what stands beside the text is not certain.
    const bytes = Buffer.from("\0".repeat(before) + text);
    return encode(bytes).slice(Math.ceil(at(before)), Math.floor(at(bytes.length)));
  });
}

// RFC 4648, section 6.
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = bits.match(/.{1,5}/g)!.map((five) => parseInt(five.padEnd(5, "0"), 2));
  return letters.map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[letter]).join("");
}

function randomDigits(count: number): string {
  return Array.from({ length: count }, () => randomInt(10)).join("");
}

// ISO/IEC 7812-1, annex B (Luhn).
function checkDigit(body: string): string {
  const sum = [...body].reverse().reduce((sum, digit, at) => {
    const weighted = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return sum + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
