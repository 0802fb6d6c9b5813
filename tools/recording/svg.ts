/**
 * Terminal screens as an animated SVG of text.
 *
 * @module
 */

import { escapeHtml } from "../../lib/util/text/escape_html.ts";
import { textWidth } from "../../lib/terminal/text_width.ts";

/** The content of the screen at one moment. */
export interface Frame {
  /** The time in milliseconds from the start. */
  readonly ms: number;
  /** The rows with their colour codes. */
  readonly rows: readonly string[];
}

/** The size of a screen in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

const CELL = 8.4, LINE = 18, MARGIN = 14, HOLD_MS = 5000;

/** Draws the animation. Readers who prefer reduced motion see the last screen. */
export function toSvg(frames: readonly Frame[], { columns, rows }: Size): string {
  const width = Math.ceil(columns * CELL + 2 * MARGIN), height = rows * LINE + 2 * MARGIN;
  const whole = Math.round(frames.at(-1)!.ms + HOLD_MS);
  const spells = spellsOf(frames, rows);
  const moves = new Map(spells.map((spell) => [keyframes(spell, whole), ""]));
  [...moves.keys()].forEach((frames, i) => moves.set(frames, `m${i}`));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>dl_jobs in a terminal</title>
<style>
${STYLE}
@media (prefers-reduced-motion: no-preference) { text { animation: ${whole}ms step-end infinite } }
${[...moves].map(([frames, name]) => `@keyframes ${name} { ${frames} }`).join("\n")}
</style>
<rect class="b" width="${width}" height="${height}" rx="8"/>
${spells.map((spell) => textOf(spell, moves.get(keyframes(spell, whole))!)).join("\n")}
</svg>
`;
}

// The style classes have the names of the terminal's colour codes.
const STYLE =
  `text { font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #24292f }
.b { fill: #f6f8fa; stroke: #d0d7de } .c2 { opacity: .5 }
.c31 { fill: #cf222e } .c32 { fill: #1a7f37 } .c33 { fill: #9a6700 } .c36 { fill: #1b7c83 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .b { fill: #0d1117; stroke: #30363d }
.c31 { fill: #ff7b72 } .c32 { fill: #3fb950 } .c33 { fill: #d29922 } .c36 { fill: #39c5cf }
}`;

/**
 * A row with its position and its time on the screen. Without `to`, the row stays until the end.
 */
interface Spell {
  readonly y: number;
  readonly row: string;
  readonly from: number;
  readonly to?: number | undefined;
}

/** Merges equal rows of successive screens, so that each is drawn once. */
function spellsOf(frames: readonly Frame[], rows: number): Spell[] {
  const spells: Spell[] = [];
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < frames.length;) {
      const row = rowAt(frames[i]!, y, rows), from = i === 0 ? 0 : frames[i]!.ms;
      do i++; while (i < frames.length && rowAt(frames[i]!, y, rows) === row);
      if (row !== "") spells.push({ y, row, from, to: frames[i]?.ms });
    }
  }
  return spells;
}

/** Returns a visible row of a screen. After scrolling, only the last rows are visible. */
function rowAt({ rows: all }: Frame, y: number, rows: number): string {
  return all[Math.max(0, all.length - rows) + y] ?? "";
}

/** Returns the times at which a row is visible, as shares of the whole duration. */
function keyframes({ from, to }: Spell, whole: number): string {
  const at = (ms: number, word: string) =>
    `${Number((100 * ms / whole).toFixed(2))}% { visibility: ${word} }`;
  const before = from > 0 ? [at(0, "hidden")] : [];
  return [...before, at(from, "visible"), ...to === undefined ? [] : [at(to, "hidden")]].join(" ");
}

function textOf({ y, row, to }: Spell, name: string): string {
  const hidden = to === undefined ? "" : ' visibility="hidden"';
  const top = MARGIN + y * LINE + 13;
  return `<text y="${top}" style="animation-name: ${name}"${hidden}>${spansOf(row)}</text>`;
}

const COLORS = ["2", "31", "32", "33", "36"];

// A part that starts with a colour code, up to the next code.
// deno-lint-ignore no-control-regex
const CODE = /^\x1b\[([\d;]*)m(.*)$/, BEFORE_CODE = /(?=\x1b\[)/;

/** Draws the parts of a row, each in its colour. */
function spansOf(row: string): string {
  let color = "", x = MARGIN, spans = "";
  for (const part of row.split(BEFORE_CODE)) {
    const [, code, text = part] = CODE.exec(part) ?? [];
    if (code !== undefined) color = code.split(";").findLast((one) => COLORS.includes(one)) ?? "";
    spans += wordsOf(text, color, x);
    x += textWidth(text) * CELL;
  }
  return spans;
}

/** Draws each word at its cell with its width in a terminal, so spaces need not be drawn. */
function wordsOf(text: string, color: string, x: number): string {
  const paint = color === "" ? "" : ` class="c${color}"`;
  return [...text.matchAll(/\S+( \S+)*/g)].map(({ 0: words, index }) => {
    const left = x + textWidth(text.slice(0, index)) * CELL, width = textWidth(words) * CELL;
    const place = `x="${left.toFixed(1)}" textLength="${width.toFixed(1)}"`;
    return `<tspan ${place} lengthAdjust="spacingAndGlyphs"${paint}>${escapeHtml(words)}</tspan>`;
  }).join("");
}
