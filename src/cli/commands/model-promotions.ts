import type { Command } from 'commander';
import type { Promotion, PromotionState } from '#contract';
import { ageOf, oneOf, positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { short, shortActor, table, utc } from '../terminal.ts';

/** Commands of promotion requests: `trimtab model promote`, `approve`, `reject`, `withdraw`, `comment`, `promotions`. */
export function addPromotions(model: Command): void {
  addPromote(model);
  addApprove(model);
  addReject(model);
  addWithdraw(model);
  addComment(model);
  addList(model);
}

function addPromote(model: Command): void {
  model
    .command('promote')
    .description('Request that a version may come into an environment.')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .argument('<environment>', 'e.g. production; see: trimtab model environments')
    .option('--comment <text>', 'why')
    .option('--expires <age>', 'when nobody approved it by then, e.g. 2d', ageOf)
    .addHelpText('after', '\nExample:\n  trimtab model promote delays 3 production --comment "better on ATL"\n')
    .action(
      async (
        name: string,
        version: string,
        environment: string,
        options: { comment?: string; expires?: number },
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        const body = { version, environment, comment: options.comment, expiresAfterMs: options.expires };
        terminal.result(await client.registry.requestPromotion({ params: { model: name }, body }), standingInWords);
      },
    );
}

function addApprove(model: Command): void {
  model
    .command('approve')
    .description('Approve a promotion request, for exactly its digest.')
    .argument('<model>', 'name of the model')
    .argument('<request>', 'number of the request', positiveNumber)
    .option('--digest <digest>', 'only when the request is for this digest; its first 12 digits or all')
    .option('--comment <text>', 'in words')
    .addHelpText('after', '\nExample:\n  trimtab model approve delays 4 --digest 3f2a9c81d07b\n')
    .action(async (name: string, request: number, options: { digest?: string; comment?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, promotion: request };
      const { digest } = await client.registry.getPromotion({ params });
      const looked = options.digest ?? digest;
      if (!/^[0-9a-f]{12,64}$/.test(looked)) command.error(`error: "${looked}" is no digest of 12 to 64 hex digits`);
      if (!digest.startsWith(looked)) {
        command.error(`error: request ${request} is for digest ${digest}, which does not begin with ${looked}`);
      }
      const body = { digest, comment: options.comment };
      terminal.result(await client.registry.approvePromotion({ params, body }), standingInWords);
    });
}

function addReject(model: Command): void {
  model
    .command('reject')
    .description('Reject a promotion request, which ends it.')
    .argument('<model>', 'name of the model')
    .argument('<request>', 'number of the request', positiveNumber)
    .requiredOption('--comment <text>', 'why')
    .addHelpText('after', '\nExample:\n  trimtab model reject delays 4 --comment "worse at night"\n')
    .action(async (name: string, request: number, { comment }: { comment: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, promotion: request };
      terminal.result(await client.registry.rejectPromotion({ params, body: { comment } }), standingInWords);
    });
}

function addWithdraw(model: Command): void {
  model
    .command('withdraw')
    .description('Take back a promotion request of your own.')
    .argument('<model>', 'name of the model')
    .argument('<request>', 'number of the request', positiveNumber)
    .option('--comment <text>', 'why')
    .addHelpText('after', '\nExample:\n  trimtab model withdraw delays 4\n')
    .action(async (name: string, request: number, { comment }: { comment?: string }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, promotion: request };
      terminal.result(await client.registry.withdrawPromotion({ params, body: { comment } }), standingInWords);
    });
}

function addComment(model: Command): void {
  model
    .command('comment')
    .description('Comment on a promotion request.')
    .argument('<model>', 'name of the model')
    .argument('<request>', 'number of the request', positiveNumber)
    .argument('<text>', 'what to say')
    .addHelpText('after', '\nExample:\n  trimtab model comment delays 4 "How is it on ATL?"\n')
    .action(async (name: string, request: number, comment: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      const params = { model: name, promotion: request };
      terminal.result(await client.registry.commentPromotion({ params, body: { comment } }), promotionInWords);
    });
}

const STATES = ['open', 'promoted', 'rejected', 'withdrawn', 'expired', 'superseded'] as const;

function addList(model: Command): void {
  model
    .command('promotions')
    .description('List promotion requests, or show one.')
    .argument('[model]', 'name of the model; without it those of all')
    .argument('[request]', 'number of the request to show', positiveNumber)
    .option('--state <state>', `only those that are ${STATES.slice(0, -1).join(', ')} or ${STATES.at(-1)}`, (text) =>
      oneOf(...STATES)(text),
    )
    .option('--limit <number>', 'requests at most', positiveNumber, 50)
    .addHelpText('after', '\nExample:\n  trimtab model promotions --state open\n  trimtab model promotions delays 4\n')
    .action(
      async (
        name: string | undefined,
        request: number | undefined,
        { state, limit }: { state?: PromotionState; limit: number },
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        if (name !== undefined && request !== undefined) {
          const params = { model: name, promotion: request };
          return terminal.result(await client.registry.getPromotion({ params }), promotionInWords);
        }
        const query = { state, limit };
        const found =
          name === undefined
            ? await client.registry.listAllPromotions({ query })
            : await client.registry.listPromotions({ params: { model: name }, query });
        terminal.result(found, ({ promotions }) =>
          table(promotions.map(promotionLine), 'No such request. Make one with: trimtab model promote'),
        );
      },
    );
}

function promotionLine(promotion: Promotion) {
  return {
    model: promotion.model,
    request: promotion.number,
    version: promotion.version,
    to: promotion.environment,
    state: promotion.state,
    approvals: ofNeeded(promotion),
    by: shortActor(promotion.requestedBy),
    'requested (UTC)': utc(promotion.requestedAtMs),
  };
}

function ofNeeded({ approvals, needed }: Promotion): string {
  return needed === null ? String(approvals) : `${approvals} of ${needed}`;
}

function standingInWords(promotion: Promotion): string {
  const { model, number, version, environment, state } = promotion;
  const what = `version ${version} of ${model} for ${environment}`;
  if (state === 'promoted') return `${environment} of ${model} holds version ${version}, by request ${number}.`;
  if (state !== 'open') return `Request ${number}, ${what}, is ${state}.`;
  return `Request ${number}, ${what}, has ${ofNeeded(promotion)} approvals. Approve it with: trimtab model approve ${model} ${number} --digest ${short(promotion.digest)}`;
}

function promotionInWords(promotion: Promotion): string {
  const { model, number, version, environment, replaces } = promotion;
  const facts: [string, string][] = [
    ['request', `${number} of ${model}: ${promotion.state}, ${ofNeeded(promotion)} approvals`],
    ['version', `${version}  ${promotion.digest}`],
    ['into', `${environment}, instead of ${replaces === null ? 'none' : `version ${replaces}`}`],
    ['expires', `${utc(promotion.expiresAtMs)} UTC`],
  ];
  const steps = promotion.steps.map(({ atMs, kind, actor, as, comment }) => ({
    'at (UTC)': utc(atMs),
    step: kind,
    by: as === null || as === actor ? shortActor(actor) : `${shortActor(actor)} as ${as}`,
    comment,
  }));
  return `${facts.map(([name, value]) => `${name.padEnd(9)} ${value}`).join('\n')}\n\n${table(steps, '')}`;
}
