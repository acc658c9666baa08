// The search for a card must be able to find one. What is searched here was encoded by Python's
// standard library.

import { expect, test } from "@playwright/test";
import { expectNothingOf, found, freshCard } from "./card_traces.ts";

const CARD = { pan: "4242420193847563", cvc: "739" };
const OTHER = { pan: "4242420183947563", cvc: "738" };
const AMEX = { pan: "378282246310005", cvc: "7391" };

for (const [form, text] of Object.entries({
  plain: "a4242420193847563b",
  "with spaces": "4242 4201 9384 7563",
  "with dashes": "4242-4201-9384-7563",
  "with %20": "?number=4242%204201%209384%207563",
  "with +": "number=4242+4201+9384+7563",
  "with no-break spaces": "4242\u00a04201\u00a09384\u00a07563",
  "with no-break spaces in HTML": "<p>4242&nbsp;4201&nbsp;9384&nbsp;7563</p>",
  "with no-break spaces in a URL": "4242%C2%A04201%C2%A09384%C2%A07563",
  // As bad as the whole.
  "without the last four": "424242019384****",
  "in hex": "7b226e756d626572223a2234323432343230313933383437353633227d",
  "with dashes in lower hex": "343234322d343230312d393338342d37353633",
  "with dashes in upper hex": "343234322D343230312D393338342D37353633",
  // Behind 11, 16 and 12 other bytes: each place within a unit of three.
  "in base64, third in a unit": "eyJudW1iZXIiOiI0MjQyNDIwMTkzODQ3NTYzIiwibiI6In5+Pz8+PiJ9",
  "in base64, second in a unit": "eyJhIjp7Im51bWJlciI6IjQyNDI0MjAxOTM4NDc1NjMiLCJuIjoifn4/Pz4+In0=",
  "in base64, first in a unit": "W3sibnVtYmVyIjoiNDI0MjQyMDE5Mzg0NzU2MyIsIm4iOiJ+fj8/Pj4ifQ==",
  "in base64url, third in a unit": "eyJudW1iZXIiOiI0MjQyNDIwMTkzODQ3NTYzIiwibiI6In5-Pz8-PiJ9",
  "in base64url, second in a unit": "eyJhIjp7Im51bWJlciI6IjQyNDI0MjAxOTM4NDc1NjMiLCJuIjoifn4_Pz4-In0",
  "in base64url, first in a unit": "W3sibnVtYmVyIjoiNDI0MjQyMDE5Mzg0NzU2MyIsIm4iOiJ-fj8_Pj4ifQ",
  "in base32": "PMRG45LNMJSXEIR2EI2DENBSGQZDAMJZGM4DINZVGYZSELBCNYRDUIT6PY7T6PR6EJ6Q====",
  "in lower base32": "ln5se3tvnvrgk4rchirdimrugi2dembrheztqnbxgu3dgirmejxceorcpz7d6pz6hyrh2",
  "as JSON with its code": '{"cvc":"739"}',
  "as spaced JSON with its code": '{"cvc": "739"}',
  "as JSON within JSON with its code": String.raw`"{\"cvc\":\"739\"}"`,
  "as a form with its code": "cc-exp=1230&cvc=739",
  "as printed by a debugger with its code": "{ cvc: 739 }",
  "as a script's object with its code": "{cvc:739}",
  "as JSON with its code for a number": '{"cvc":739}',
  "as base64 with its code second in a unit": "eyJjdmMiOiI3MzkiLCJuIjoifn4/Pz4+In0=",
  "as base64 with its code third in a unit": "eyAiY3ZjIjoiNzM5IiwibiI6In5+Pz8+PiJ9",
  "as base64 with its code first in a unit": "eyAgImN2YyI6IjczOSIsIm4iOiJ+fj8/Pj4ifQ==",
  "as base64url with its code second in a unit": "eyJjdmMiOiI3MzkiLCJuIjoifn4_Pz4-In0",
  "as base64url with its code third in a unit": "eyAiY3ZjIjoiNzM5IiwibiI6In5-Pz8-PiJ9",
  "as base64url with its code first in a unit": "eyAgImN2YyI6IjczOSIsIm4iOiJ-fj8_Pj4ifQ",
})) {
  test(`a card ${form} is found`, () => {
    expect(found(CARD, text)).not.toEqual([]);
    const within = Buffer.concat([Buffer.of(0xff, 0), Buffer.from(text), Buffer.of(0, 0xff)]);
    expect(found(CARD, within)).toEqual(found(CARD, text));
    expect(() => expectNothingOf(CARD, "it", text)).toThrow("traces of 4242420193847563 with 739 in it");
    expect(found(OTHER, text)).toEqual([]);
  });
}

for (const text of ["3782 822463 10005", "3782 8224 6310 005", "378282246310005", '"cvc":"7391"']) {
  test(`an American Express card is found in ${text}`, () => {
    expect(found(AMEX, text)).not.toEqual([]);
  });
}

test("what everybody may know is no trace", () => {
  for (const text of ["", "Visa ending in 7563", "4242 42** **** 7563", "9839201746537563", '"cvc":"73"']) {
    expect(found(CARD, text)).toEqual([]);
    expectNothingOf(CARD, "it", text);
  }
});

test("a fresh card has the length, the first digits and the check digit of a card", () => {
  for (const [bin, length, cvcLength] of [["424242", 16, 3], ["378282", 15, 4]] as const) {
    const { pan, cvc } = freshCard(bin, length, cvcLength);
    expect(pan).toMatch(new RegExp(`^${bin}\\d{${length - 6}}$`));
    expect(cvc).toMatch(new RegExp(`^\\d{${cvcLength}}$`));
    const sum = [...pan].reverse().map((digit, at) => {
      const doubled = Number(digit) * (1 + (at % 2));
      return doubled > 9 ? doubled - 9 : doubled;
    });
    expect(sum.reduce((a, b) => a + b) % 10, pan).toBe(0);
  }
});
