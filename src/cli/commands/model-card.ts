import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { oneOf, positiveNumber, wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { readText, saveAnswer } from '../files.ts';
import { shortActor, table, utc } from '../terminal.ts';

/** `trimtab model card`: the model card of a version, as a document, and what people write on it. */
export function addCard(model: Command): void {
  const card = model
    .command('card')
    .description('Model cards: show, write, and their history.')
    .addHelpText('after', '\nExample:\n  trimtab model card delays champion --output README.md\n');
  addShow(card);
  addEdit(card);
  addHistory(card);
}

interface ShowOptions {
  readonly format: 'markdown' | 'html' | 'json';
  readonly output?: string;
}

function addShow(card: Command): void {
  card
    .command('show', { isDefault: true })
    .description('Print the card of a version, or write it to a file.')
    .argument('<model>', 'name of the model')
    .argument('[version]', 'a number, an alias, or latest; left out: the one in production')
    .option('--format <format>', 'markdown, html or json', oneOf('markdown', 'html', 'json'), 'markdown')
    .option('--output <file>', 'write it here')
    .addHelpText(
      'after',
      '\nExamples:\n  trimtab model card show delays champion\n  trimtab model card show delays 2 --format html --output card.html\n',
    )
    .action(async (name: string, given: string | undefined, { format, output }: ShowOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const asJson = command.optsWithGlobals<{ json?: boolean }>().json === true;
      const version =
        given ?? String((await client.registry.getModelCard({ params: { model: name } })).card.version.version);
      const params = { model: name, version };
      if (asJson || format === 'json') {
        const text = JSON.stringify(await client.registry.getCard({ params }), null, 2);
        if (output === undefined) return void process.stdout.write(`${text}\n`);
        await writeFile(output, `${text}\n`);
      } else {
        const answer = await client.registry.readCard({ params, query: { format } });
        if (output === undefined) return void process.stdout.write(await answer.text());
        await saveAnswer(answer, output);
      }
      terminal.progress(`Wrote ${output}.`);
    });
}

interface EditOptions {
  readonly section: string;
  readonly file?: string;
  readonly text?: string;
  readonly inherit?: boolean;
  readonly revision?: number;
}

function addEdit(card: Command): void {
  card
    .command('edit')
    .description('Write a section of the card of a version (Markdown).')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .requiredOption('--section <name>', 'intended-use, limitations-and-bias, …, or a heading of your own')
    .option('--file <file>', 'take the text from a file')
    .option('--text <text>', 'the text itself; empty: there is nothing to say')
    .option('--inherit', 'let it stand as for the version before')
    .option('--revision <number>', 'only if it is at this revision still', wholeNumber)
    .addHelpText('after', '\nExample:\n  trimtab model card edit delays 2 --section intended-use --file use.md\n')
    .action(async (name: string, version: string, options: EditOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { section, file, text, inherit } = options;
      if ([file, text, inherit].filter((one) => one !== undefined).length !== 1) {
        command.error('error: give one of --file, --text and --inherit');
      }
      const written = inherit ? null : (text ?? readText(file ?? '', command));
      const params = { model: name, version };
      const revision = options.revision ?? (await revisionOf(() => client.registry.getCard({ params }), section));
      const body = { text: written, revision };
      const saved = await client.registry.editCardSection({ params: { ...params, section }, body });
      terminal.result(saved, ({ heading, isInherited, version: from, revision: now }) => {
        if (now === 0) return `Nothing is written under "${heading}" now.`;
        return isInherited
          ? `"${heading}" stands as for version ${from}.`
          : `"${heading}" of version ${from} is at revision ${now}.`;
      });
    });
}

/** The revision that a section is at now, by its name or its heading. */
async function revisionOf(
  getCard: () => Promise<{ sections: readonly { section: string; heading: string; revision: number }[] }>,
  named: string,
): Promise<number> {
  const { sections } = await getCard();
  const plain = named.trim().toLowerCase();
  const found = sections.find(({ section, heading }) => [section, heading.toLowerCase()].includes(plain));
  return (found ?? sections.find(({ section }) => section === named.trim()))?.revision ?? 0;
}

function addHistory(card: Command): void {
  card
    .command('history')
    .description('List what a section ever said, newest first.')
    .argument('<model>', 'name of the model')
    .requiredOption('--section <name>', 'intended-use, limitations-and-bias, …, or a heading of your own')
    .option('--limit <number>', 'revisions at most', positiveNumber, 20)
    .addHelpText('after', '\nExample:\n  trimtab model card history delays --section intended-use\n')
    .action(async (name: string, { section, limit }: { section: string; limit: number }, command: Command) => {
      const { client, terminal } = contextOf(command);
      const answer = await client.registry.listCardRevisions({ params: { model: name, section }, query: { limit } });
      terminal.result(answer, ({ revisions }) =>
        table(
          revisions.map(({ revision, version, author, atMs, text }) => ({
            ...{ revision, version, by: shortActor(author), 'written (UTC)': utc(atMs) },
            text: text === null ? 'as for the version before' : firstLine(text),
          })),
          'Nobody wrote this section yet. Write it with: trimtab model card edit',
        ),
      );
    });
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
