/**
 * Suggests the names that a user may have meant.
 *
 * @module
 */

import { loadText } from "../../deps.ts";

/** The largest number of words in a message. */
const MOST_WORDS = 8;

/**
 * Joins words into a readable list, ordered by their similarity to a mistyped word.
 *
 * @param word the mistyped word
 * @param words the words to choose from
 * @returns the most similar words, at most 8.
 */
export async function nearest(word: string, words: readonly string[]): Promise<string> {
  const { wordSimilaritySort } = await loadText();
  const sorted = wordSimilaritySort(word, words);
  return sorted.slice(0, MOST_WORDS).join(", ") + (sorted.length > MOST_WORDS ? ", ..." : "");
}

/**
 * Finds the word that a user may have mistyped.
 *
 * @param word the mistyped word
 * @param words the words to choose from
 * @returns the nearest word; `undefined` when no word is similar.
 */
export async function nearestWord(
  word: string,
  words: readonly string[],
): Promise<string | undefined> {
  if (words.length === 0) return undefined;
  const begun = words.filter((one) => word.length > 2 && one.startsWith(word));
  if (begun.length > 0) return begun.sort((a, b) => a.length - b.length)[0];
  const { closestString, levenshteinDistance } = await loadText();
  const near = closestString(word, words);
  const distance = levenshteinDistance(word, near);
  const isPart = word.length > 2 && (word.includes(near) || near.includes(word));
  return distance < word.length / 2 || isPart || hasSameLetters(word, near) ? near : undefined;
}

function hasSameLetters(a: string, b: string): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
