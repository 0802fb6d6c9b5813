/**
 * The search in the browser.
 *
 * @module
 */

/// <reference lib="dom" />

import MiniSearch from "npm:minisearch@7.2.0";
import type { SearchEntry } from "./search.ts";

const MOST = 12;
const AROUND = 70;

const root = document.documentElement.dataset.root ?? ".";
const input = document.querySelector<HTMLInputElement>("input[type=search]")!;
const found = document.querySelector<HTMLElement>("#found")!;
const entries = (globalThis as unknown as { searchEntries: SearchEntry[] }).searchEntries;
let index: MiniSearch<SearchEntry> | undefined;

function search(words: string): void {
  // The index is made at the first search, because most visits need none.
  index ??= createIndex();
  const results = index.search(words, {
    prefix: true,
    fuzzy: 0.15,
    boost: BOOST,
    combineWith: "AND",
  });
  found.hidden = words.trim() === "";
  found.replaceChildren(...results.slice(0, MOST).map(({ id }) => toLink(entries[id]!, words)));
  if (results.length === 0) found.textContent = `Nothing found for "${words}"`;
}

const BOOST = { heading: 4, page: 2 };

function createIndex(): MiniSearch<SearchEntry> {
  const created = new MiniSearch<SearchEntry>({
    fields: ["heading", "page", "text"],
    // Names such as max_attempts and --max-attempts are found by their words.
    tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u),
  });
  created.addAll(entries);
  return created;
}

function toLink({ page, heading, text, to }: SearchEntry, words: string): HTMLElement {
  const link = document.createElement("a");
  link.href = `${root}/${to}`;
  const title = document.createElement("b");
  title.textContent = heading === page || heading === "" ? page : `${page}: ${heading}`;
  const part = document.createElement("span");
  part.textContent = excerpt(text, words);
  link.append(title, part);
  return link;
}

function excerpt(text: string, words: string): string {
  const at = text.toLowerCase().indexOf(words.toLowerCase().split(/\s+/)[0]!);
  const from = Math.max(0, at - AROUND);
  return `${from > 0 ? "..." : ""}${text.slice(from, from + 2 * AROUND)}`;
}

input.addEventListener("input", () => search(input.value));
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === "Escape") found.hidden = true;
});

// On a phone, the list of pages would hide the page.
if (matchMedia("(max-width: 50rem)").matches) {
  document.querySelector<HTMLDetailsElement>("nav details")!.open = false;
}
