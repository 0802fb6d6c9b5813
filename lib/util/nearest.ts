/**
 * Suggests the names that a user may have meant.
 *
 * @module
 */

import { loadText } from "../deps.ts";

/**
 * Joins words into a readable list, ordered by their similarity to a mistyped word.
 *
 * @param word the mistyped word
 * @param words the words to choose from
 * @param most the maximum number of words in the list
 */
export async function nearest(word: string, words: readonly string[], most = 8): Promise<string> {
  const { wordSimilaritySort } = await loadText();
  const sorted = wordSimilaritySort(word, words);
  return sorted.slice(0, most).join(", ") + (sorted.length > most ? ", ..." : "");
}
