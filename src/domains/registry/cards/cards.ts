import type { CardRevision, CardSection, ModelCard, ModelVersion, Promotion } from '#contract';
import { digestOf } from '#platform/digest';
import type { Principal } from '#platform/http';
import { CHAMPION } from '../model.ts';
import { planOf } from '../promotions/environments.ts';
import type { PromotionFilter } from '../promotions/model.ts';
import { findModel, lockModel, type Room } from '../room.ts';
import type { StoredModel } from '../store/model-store.ts';
import { findVersion } from '../versions.ts';
import { cardAsMarkdown } from './document.ts';
import { cardErrors } from './errors.ts';
import { factsOf, onnxSignature } from './facts.ts';
import { cardAsHtml } from './html.ts';
import { cardSection, cardSections, isStandard, sectionNamed } from './sections.ts';

/** Headings of its own that the cards of a model may have. */
const OWN_HEADINGS = 40;
/** Promotion requests on a card at most, the newest. */
const PROMOTIONS = 100;
const PRODUCTION = 'production';

export interface CardEdit {
  readonly version: string;
  readonly section: string;
  /** Markdown; empty: there is nothing to say; null: as for the version before. */
  readonly text: string | null;
  /** The revision it was made from. */
  readonly revision: number;
}

interface Tellers {
  readonly getVersion: (model: string, version: string) => Promise<ModelVersion>;
  readonly listPromotions: (filter: PromotionFilter) => Promise<readonly Promotion[]>;
}

/**
 * Model cards: facts, which are read when they are asked for, and sections that people wrote. What was written for a
 * version stands for later ones until something is written for them.
 */
export function cardVerbs(room: Room, { getVersion, listPromotions }: Tellers) {
  const { database, clock, events, pointerLog, runsOf, signatureOf } = room.options;
  const { cards } = room;

  async function environmentsOf({ key }: StoredModel, version: number): Promise<string[]> {
    const [{ environments }, occupants] = await Promise.all([
      planOf(room.promotions, key),
      room.promotions.occupants(key),
    ]);
    const held = occupants.filter((one) => one.version === version).map(({ environment }) => environment);
    const place = (name: string) => environments.findIndex((policy) => policy.name === name);
    return held.toSorted((a, b) => place(a) - place(b));
  }

  async function getCard(name: string, named: string, reader: Principal): Promise<ModelCard> {
    const { model, version } = await findVersion(room, name, named);
    const number = version.version;
    const logged = version.source?.loggedModel;
    const [found, runs, told, environments, promotions, written] = await Promise.all([
      getVersion(name, String(number)),
      runsOf(version.run === null ? [] : [version.run], reader),
      logged ? signatureOf?.(logged, reader) : undefined,
      environmentsOf(model, number),
      listPromotions({ model: name, version: number, limit: PROMOTIONS }),
      cards.written(model.key, number),
    ]);
    return {
      ...factsOf(found, runs.get(version.run ?? '')),
      signature: found.signature ? onnxSignature(found.signature) : (told ?? null),
      environments,
      promotions: [...promotions],
      sections: cardSections(number, written),
    };
  }

  /** The version whose card stands for the model, and why. */
  async function counting(name: string) {
    const model = await findModel(room, name);
    const [held, [staged], champion] = await Promise.all([
      room.promotions.occupants(model.key),
      room.versions.numbers(database, model.key, 'Production').then((numbers) => numbers.toReversed()),
      room.aliases.find(model.key, CHAMPION),
    ]);
    const inProduction = held.find(({ environment }) => environment === PRODUCTION)?.version;
    if (inProduction != null) return { because: 'environment', version: String(inProduction) } as const;
    if (staged !== undefined) return { because: 'stage', version: String(staged) } as const;
    if (champion) return { because: 'champion', version: String(champion.version) } as const;
    return { because: 'newest', version: 'latest' } as const;
  }

  return {
    getCard,

    /** The card of the version that counts: what is in production, else the champion, else the newest. */
    async getModelCard(name: string, reader: Principal) {
      const { because, version } = await counting(name);
      return { because, card: await getCard(name, version, reader) };
    },

    /** A card as a document. */
    async readCard(name: string, version: string, format: 'markdown' | 'html', reader: Principal) {
      const card = await getCard(name, version, reader);
      const file = `${card.version.model}-${card.version.version}-card`;
      return format === 'html'
        ? { name: `${file}.html`, contentType: 'text/html; charset=utf-8', text: cardAsHtml(card) }
        : { name: `${file}.md`, contentType: 'text/markdown; charset=utf-8', text: cardAsMarkdown(card) };
    },

    /** @throws REGISTRY_CARD_CHANGED, REGISTRY_CARD_HEADING_INVALID, REGISTRY_CARD_FULL */
    async editCardSection(name: string, edit: CardEdit, actor: string): Promise<CardSection> {
      const section = sectionNamed(edit.section);
      const { version } = await findVersion(room, name, edit.version);
      const { text, revision: given } = edit;
      const number = version.version;
      return database.transaction(async (tx) => {
        const { key } = await lockModel(room, tx, name);
        const present = async () => (await cards.written(key, number, { section, sql: tx }))[0];
        const now = await present();
        // What is asked for is there, as when an earlier answer got lost.
        const isThere = now?.version === number ? now.text === text : text === null;
        if (isThere) return cardSection(number, section, now);
        // An own heading under which nothing is written is not on the card: whoever adds it does not know of it.
        const isHidden = !isStandard(section) && now?.text === '';
        if (given !== (now?.revision ?? 0) && !(isHidden && given === 0)) {
          throw cardErrors.REGISTRY_CARD_CHANGED({
            section,
            version: version.ref,
            revision: now?.revision ?? 0,
            given,
            by: now?.author ?? 'nobody',
          });
        }
        if (!isStandard(section)) await assertRoom(await cards.sections(tx, key), name, section);
        const revision = (await cards.newestRevision(tx, key, section)) + 1;
        const atMs = clock.now();
        await cards.add(tx, { model: key, section, revision, version: number, text, author: actor, atMs });
        await pointerLog.record(tx, {
          actor,
          pointer: `${version.ref}#card:${section}`,
          from: now ? `revision ${now.revision}` : null,
          to: `revision ${revision}`,
          reason: text === null ? 'It stands as for the version before.' : 'The model card was written.',
          evidence: { section, version: number, revision, textDigest: text === null ? null : digestOf(text) },
        });
        await events.publish(tx, {
          topic: 'registry.card.written',
          subject: version.ref,
          payload: { model: name, version: number, section, revision },
        });
        return cardSection(number, section, await present());
      });
    },

    /** Everything a section said, of all versions of a model, newest first. */
    async listCardRevisions(
      name: string,
      section: string,
      page: { readonly before?: number | undefined; readonly limit: number },
    ): Promise<readonly CardRevision[]> {
      const { key } = await findModel(room, name);
      return cards.revisions(key, sectionNamed(section), page);
    },
  };
}

function assertRoom(sections: readonly string[], model: string, section: string): void {
  const own = sections.filter((one) => !isStandard(one));
  if (own.length >= OWN_HEADINGS && !own.includes(section)) {
    throw cardErrors.REGISTRY_CARD_FULL({ model, limit: OWN_HEADINGS });
  }
}
