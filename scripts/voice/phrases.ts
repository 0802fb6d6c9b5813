/**
 * Phrases that the project does not use, each with its replacement.
 *
 * @module
 */

/** A phrase to avoid. */
export interface Phrase {
  /** The pattern, for text in any case. A space matches any white space. */
  readonly pattern: RegExp;
  /** The words that replace the phrase. */
  readonly write: string;
}

const PERSON = "the actor: user, caller, controller, worker or scheduler";

const TABLE: readonly (readonly [pattern: string, write: string])[] = [
  ["(some|any|every)body('s)?", PERSON],
  ["nobody('s)?", `no user, no reader, or ${PERSON}`],
  ["whoever|whomever", PERSON],
  ["takes? note|took note|taking note", "records, keeps or stores"],
  ["has no end yet|have no end yet|without an end yet", "is pending"],
  ["(go|goes|going|went|gone) on( with| at| from| in| by| to)?", "continues, resumes or runs on"],
  ["by and by", "gradually"],
  ["(?<!not )(?<!than )so many", "n, at most n, a limit, or every nth"],
  ["(?<!there )(is|are|was|were) none", "does not exist, is absent, is invalid, or is not one"],
  [
    "(stands?|stood|standing)( there)? (for|in|behind|before|between|at|on|here|there|after)",
    "is in, follows, precedes or means",
  ],
  ["at the most", "at most"],
  ["in vain", "without success"],
  ["(becomes?|became) of", "the outcome of, the end of, or happens to"],
  ["as (it|they) stands?", "unchanged, or as it is"],
  ["what it was", "the name of the thing"],
  [
    "(comes?|came|coming) to ((an|its|a|the) (good |bad )?(end|stop|halt)|rest)",
    "ends or stops",
  ],
  ["for ever", "without limit, or forever"],
  [
    "(?<!there )(is|are|was|were) no (?!longer|more|less|fewer|other|way|need|one|such|part|match|worse|[a-z]+er\b)[a-z]+",
    "is not a",
  ],
  ["gives? back|gave back|given back", "returns"],
  ["has a hand in", "causes"],
  ["in no time", "quickly, or in O(1)"],
  ["(?<=(?:^|[.:;,(]) ?)who (has|wants|looks)", "users who ..., or a user with ..."],
];

/** The phrases that must not occur. */
export const PHRASES: readonly Phrase[] = TABLE.map(([pattern, write]) => ({
  pattern: new RegExp(`(?<![\\w-])(?:${pattern.replaceAll(" ", "\\s+")})(?![\\w-])`, "gi"),
  write,
}));

/** Words that only a small share of doc comments may open with. */
export const QUESTION = /^(What|How|Who|Whose|Which|Whether|Why)\b/;
