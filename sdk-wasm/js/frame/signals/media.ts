/**
 * `media` and `color_gamut`: what the browser answers to media queries (Media Queries 5). Each digit is
 * the place of the answer in its row, from 1 on; 0 where none fits, as in browsers without the query.
 */

const QUESTIONS = [
  "prefers-color-scheme:light,dark",
  "prefers-reduced-motion:no-preference,reduce",
  "prefers-contrast:no-preference,more,less,custom",
  "forced-colors:none,active",
  "inverted-colors:none,inverted",
  "prefers-reduced-transparency:no-preference,reduce",
  "prefers-reduced-data:no-preference,reduce",
  "dynamic-range:standard,high",
  "monochrome:0",
  "hover:none,hover",
  "any-hover:none,hover",
  "pointer:none,coarse,fine",
  "any-pointer:none,coarse,fine",
];

export const media = () => QUESTIONS.map(answer).join("");

export const colorGamut = () => answer("color-gamut:srgb,p3,rec2020");

/** The last answer that fits: wider gamuts and ranges include the smaller. */
function answer(question: string): number {
  const [name, answers] = question.split(":") as [string, string];
  const fits = answers.split(",").map((value) => matchMedia(`(${name}:${value})`).matches);
  return fits.lastIndexOf(true) + 1;
}
