import type { Command } from 'commander';
import type { CatalogEntry } from '#contract';
import { positiveNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { count, figure, table, utc } from '../terminal.ts';

interface SearchOptions {
  readonly filter?: string;
  readonly order?: string;
  readonly versions?: boolean;
  readonly metric?: readonly string[];
  readonly limit: number;
}

/** `trimtab model search`: the catalog of models and versions. */
export function addSearch(model: Command): void {
  model
    .command('search')
    .description('Find models by words, metrics, columns, lineage, tags.')
    .argument('[words...]', 'words that must all stand somewhere in a model or its version')
    .option('--filter <filter>', 'which, see the examples')
    .option('--order <order>', 'e.g. "metrics.test.auc desc"')
    .option('--versions', 'a line a version instead of a line a model')
    .option('--metric <names...>', 'metrics to show')
    .option('--limit <number>', 'lines at most', positiveNumber, 50)
    .addHelpText(
      'after',
      `
Examples:
  trimtab model search flights weather
  trimtab model search --filter "metrics.test.auc > 0.7 and column = 'origin'" \\
    --order "metrics.test.auc desc" --metric test.auc --versions
  trimtab model search --filter "environment = 'production' and gate != 'passed'"
  trimtab model search --filter "data LIKE 'commit:flights/%'"
`,
    )
    .action(async (words: readonly string[], options: SearchOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const found = await client.registry.searchCatalog({
        query: {
          text: words.length > 0 ? words.join(' ') : undefined,
          filter: options.filter,
          orderBy: options.order,
          each: options.versions ? 'version' : 'model',
          limit: options.limit,
        },
      });
      terminal.result(found, ({ entries, total }) => {
        const lines = table(
          entries.map((entry) => entryLine(entry, options.metric ?? [])),
          'Nothing matches.',
        );
        return total > entries.length
          ? `${lines}\n${count(total - entries.length, 'more match', 'more match')}.`
          : lines;
      });
    });
}

function entryLine({ model, matching, version }: CatalogEntry, metrics: readonly string[]) {
  const measured = metrics.map((name): [string, number | null] => {
    const value = version?.metrics[name];
    return [name, value === undefined ? null : Number(figure(value))];
  });
  const gate = version?.gatePassed;
  return {
    model,
    version: version?.version ?? null,
    matching,
    aliases: version?.aliases.join(', ') ?? '',
    environments: version?.environments.join(', ') ?? '',
    gate: gate === undefined ? '' : gate === null ? 'not run' : gate ? 'passed' : 'failed',
    ...Object.fromEntries(measured),
    'registered (UTC)': version ? utc(version.createdAtMs) : '',
  };
}
