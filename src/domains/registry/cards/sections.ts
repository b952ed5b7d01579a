import type { CardSection } from '#contract';
import { cardErrors } from './errors.ts';

/** Where a section stands among the facts of a card. */
export type Chapter = 'uses' | 'limitations' | 'ethics' | 'training' | 'contact' | 'citation';

interface StandardSection {
  readonly name: string;
  readonly heading: string;
  readonly hint: string;
  readonly chapter: Chapter;
}

/**
 * The sections that a card has of itself: those of Mitchell et al. (2019), "Model Cards for Model Reporting", and of the
 * template of Hugging Face that no stored fact can fill.
 */
export const STANDARD_SECTIONS: readonly StandardSection[] = [
  {
    name: 'intended-use',
    heading: 'Intended use',
    hint: 'What it was made for, and who is meant to use it how.',
    chapter: 'uses',
  },
  {
    name: 'out-of-scope-use',
    heading: 'Out-of-scope use',
    hint: 'What it must not be used for, and what it was never tried on.',
    chapter: 'uses',
  },
  {
    name: 'limitations-and-bias',
    heading: 'Limitations and bias',
    hint: 'Where it errs, for whom it is worse, and what to do about that.',
    chapter: 'limitations',
  },
  {
    name: 'ethical-considerations',
    heading: 'Ethical considerations',
    hint: 'Whom its decisions concern, what data of people it uses, and what could go wrong.',
    chapter: 'ethics',
  },
  {
    name: 'training-notes',
    heading: 'Training notes',
    hint: 'What the facts do not tell of how it was made: choices, cleaning, labels.',
    chapter: 'training',
  },
  {
    name: 'owners-and-contact',
    heading: 'Owners and contact',
    hint: 'Who answers for it, and where to ask.',
    chapter: 'contact',
  },
  { name: 'citation', heading: 'Citation', hint: 'How to cite it, and what it builds on.', chapter: 'citation' },
];

/** Headings that the facts of a card stand under, so that nobody writes under them what looks like a fact. */
const HEADINGS_OF_FACTS = [
  'model details',
  'uses',
  'training',
  'evaluation',
  'gate',
  'environments and promotions',
  'inputs and output',
];

/**
 * The section a text names: a standard one by its name or heading, or a heading of one's own.
 *
 * @throws REGISTRY_CARD_HEADING_INVALID
 */
export function sectionNamed(text: string): string {
  const heading = text.trim().replace(/\s+/g, ' ');
  const plain = heading.toLowerCase();
  const standard = STANDARD_SECTIONS.find((one) => one.name === plain || one.heading.toLowerCase() === plain);
  if (standard) return standard.name;
  const problem = headingProblem(heading);
  if (problem) throw cardErrors.REGISTRY_CARD_HEADING_INVALID({ heading: text, problem });
  return heading;
}

function headingProblem(heading: string): string | undefined {
  if (heading === '') return 'is empty';
  if (/\p{Cc}|\p{Cf}/u.test(heading)) return 'has signs that nobody sees';
  if (HEADINGS_OF_FACTS.includes(heading.toLowerCase())) return 'stands above stored facts';
  return undefined;
}

/** A section as one version has it. */
export interface WrittenSection {
  readonly section: string;
  readonly revision: number;
  readonly version: number;
  readonly text: string;
  readonly author: string;
  readonly atMs: number;
}

/** The newest revision of a section for one version. */
export interface NewestRevision {
  readonly section: string;
  readonly version: number;
  readonly revision: number;
  /** It says: as for the version before. */
  readonly isHandedOn: boolean;
}

/**
 * What counts of what was written for a version and those before it: of each section what was written for the latest
 * version that says something of its own.
 */
export function countingRevisions(newest: readonly NewestRevision[]): readonly NewestRevision[] {
  const counting = new Map<string, NewestRevision>();
  for (const one of newest) {
    if (one.isHandedOn) continue;
    if (one.version > (counting.get(one.section)?.version ?? 0)) counting.set(one.section, one);
  }
  return [...counting.values()];
}

/** The sections of the card of a version: standard ones in their order, then own headings that say something, by name. */
export function cardSections(version: number, written: readonly WrittenSection[]): CardSection[] {
  const byName = new Map(written.map((one) => [one.section, one]));
  const own = written.filter(({ section, text }) => text !== '' && !isStandard(section));
  return [
    ...STANDARD_SECTIONS.map(({ name }) => cardSection(version, name, byName.get(name))),
    ...own.toSorted((a, b) => (a.section < b.section ? -1 : 1)).map((one) => cardSection(version, one.section, one)),
  ];
}

export function cardSection(version: number, section: string, written: WrittenSection | undefined): CardSection {
  const standard = STANDARD_SECTIONS.find(({ name }) => name === section);
  return {
    section,
    heading: standard?.heading ?? section,
    isStandard: standard !== undefined,
    hint: standard?.hint ?? '',
    text: written?.text ?? '',
    revision: written?.revision ?? 0,
    version: written?.version ?? null,
    isInherited: written !== undefined && written.version !== version,
    author: written?.author ?? null,
    atMs: written?.atMs ?? null,
  };
}

export function isStandard(section: string): boolean {
  return STANDARD_SECTIONS.some(({ name }) => name === section);
}
