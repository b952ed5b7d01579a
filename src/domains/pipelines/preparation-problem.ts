/** Why a step cannot be made ready: in words for people, who can mend it. */
export class PreparationProblem extends Error {
  constructor(words: string, cause?: unknown) {
    super(words, cause === undefined ? undefined : { cause });
    this.name = 'PreparationProblem';
  }
}
