/**
 * Splits the lists after `:::` from the other words of a command line.
 *
 * @module
 */

/** A list of a command line: the words after `:::` or a related mark. */
export interface WordList {
  /** `:::` for values and `::::` for files of values, with `+` for a list linked to the one before. */
  readonly mark: string;
  readonly words: readonly string[];
}

const MARK = /^::::?\+?$/;

/** Splits words into those before the first mark, and the lists after it. */
export function splitLists(words: readonly string[]): {
  words: readonly string[];
  lists: WordList[];
} {
  const starts = words.flatMap((word, at) => MARK.test(word) ? [at] : []);
  const lists = starts.map((start, i) => ({
    mark: words[start]!,
    words: words.slice(start + 1, starts[i + 1]),
  }));
  return { words: words.slice(0, starts[0]), lists };
}
