import type { Command } from 'commander';
import type { ColumnPair, VersionComparison } from '#contract';
import { contextOf } from '../context.ts';
import { figure, short, table } from '../terminal.ts';

/** `trimtab model compare`: two versions side by side. */
export function addCompare(model: Command): void {
  model
    .command('compare')
    .description('Compare two versions: metrics, columns, params, data.')
    .argument('<model>', 'name of the model')
    .argument('<version>', 'a number, an alias, or latest')
    .argument('<other>', 'the version to compare with')
    .option('--model <name>', 'model of the other version; without it the same')
    .option('--all', 'also what is the same in both')
    .addHelpText('after', '\nExample:\n  trimtab model compare delays champion latest\n')
    .action(
      async (
        name: string,
        version: string,
        other: string,
        options: { model?: string; all?: boolean },
        command: Command,
      ) => {
        const { client, terminal } = contextOf(command);
        const params = { model: name, version };
        const found = await client.registry.compareVersions({ params, query: { other, otherModel: options.model } });
        terminal.result(found, (comparison) => comparisonInWords(comparison, options.all ?? false));
      },
    );
}

function comparisonInWords(found: VersionComparison, all: boolean): string {
  const { left, right, signature } = found;
  const isShown = (pair: { left: unknown; right: unknown }) => all || pair.left !== pair.right;
  const texts = [
    { name: 'code', left: left.codeCommit, right: right.codeCommit },
    { name: 'gate', left: gateInWords(left.gatePassed), right: gateInWords(right.gatePassed) },
    { name: 'aliases', left: left.aliases.join(', '), right: right.aliases.join(', ') },
    { name: 'answers', left: signature.leftOutput, right: signature.rightOutput },
    ...found.params.map((pair) => ({ ...pair, name: `param ${pair.name}` })),
    ...found.tags.map((pair) => ({ ...pair, name: `tag ${pair.name}` })),
    ...found.data.map((data) => ({
      ...{ name: `data ${short(data.name)}`, left: data.left ? 'yes' : 'no', right: data.right ? 'yes' : 'no' },
    })),
  ].filter(isShown);
  const columns = signature.columns.filter(({ change }) => all || change !== 'same');
  const sections = [
    `${left.ref} and ${right.ref}${found.sameFile ? ', the same file' : ''}`,
    found.metrics.length > 0 ? table(found.metrics.map(figureLine), '') : 'Neither has metrics.',
    ...(texts.length > 0 ? [table(texts.map(textLine), '')] : []),
    ...(columns.length > 0 ? [table(columns.map(columnLine), '')] : []),
    ...found.segments.map(({ segment, figures }) => `${segment}\n${table(figures.map(figureLine), 'No figures.')}`),
  ];
  const silent = !signature.known ? 'The columns of one of them are not known.' : '';
  const same = columns.length === 0 && signature.known ? 'They take the same columns.' : silent;
  return [...sections, ...(same ? [same] : [])].join('\n\n');
}

function gateInWords(passed: boolean | null): string {
  return passed === null ? 'not run' : passed ? 'passed' : 'failed';
}

function figureLine({ name, left, right, difference }: VersionComparison['metrics'][number]) {
  const number = (value: number | null) => (value === null ? null : Number(figure(value)));
  return { figure: name, left: number(left), right: number(right), difference: number(difference) };
}

function textLine({ name, left, right }: { name: string; left: string | null; right: string | null }) {
  return { fact: name, left: short(left ?? ''), right: short(right ?? '') };
}

function columnLine({ name, change, left, right }: ColumnPair) {
  const inWords = (side: ColumnPair['left']) => side && `${side.type}${side.nullable ? ' or null' : ''}`;
  return { column: name, change, left: inWords(left), right: inWords(right) };
}
