import type { CardSection, CardSignature, GateReport, ModelCard, Promotion } from '#contract';
import { frontMatter } from './front-matter.ts';
import { contained } from './rendering.ts';
import { type Chapter, STANDARD_SECTIONS } from './sections.ts';
import { code, markdownTable, plain } from './words.ts';

/** A card as Markdown: front matter, and under each heading first what is stored, then what people wrote. */
export function cardAsMarkdown(card: ModelCard): string {
  return `---\n${frontMatter(card)}---\n\n${cardBody(card)}`;
}

/** The same without front matter. */
export function cardBody(card: ModelCard): string {
  const { version } = card;
  const own = card.sections.filter(({ isStandard }) => !isStandard);
  const parts = [
    `# ${plain(version.model)}, version ${version.version}`,
    contained(version.description.trim()),
    '## Model details',
    detailsOf(card),
    signatureOf(card),
    '## Uses',
    ...written(card, 'uses', 3),
    ...written(card, 'limitations', 2),
    ...written(card, 'ethics', 2),
    '## Training',
    trainingOf(card),
    ...written(card, 'training', 3),
    '## Evaluation',
    ...evaluationOf(card),
    '## Gate',
    ...(card.gate ? gateOf(card.gate) : ['No gate was run for this version.']),
    '## Environments and promotions',
    ...promotionsOf(card),
    ...own.flatMap((section) => sectionAsMarkdown(section, 2)),
    ...written(card, 'contact', 2),
    ...written(card, 'citation', 2),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function detailsOf({ version, run, codeCommit }: ModelCard): string {
  return facts([
    ['Version', code(version.ref)],
    ['Digest', code(version.digest)],
    ['Registered', `${utc(version.createdAtMs)} by ${code(version.registeredBy)}`],
    ['Aliases', version.aliases.map(code).join(', ') || 'none'],
    ...(version.stage === 'None' ? [] : [['Stage', version.stage] as const]),
    ['Made by', run ? `run ${plain(run.name)} (${code(run.ref)})` : version.run ? code(version.run) : 'unknown'],
    ...(run ? [['Experiment', plain(run.experiment)] as const] : []),
    ['Code commit', codeCommit ? code(codeCommit) : 'unknown'],
    ['Files', version.file ? `ONNX, ${version.file.sizeBytes} bytes` : code(version.source?.uri ?? 'none')],
    ...Object.entries(version.tags).map(([name, value]) => [`Tag ${code(name)}`, plain(value)] as const),
  ]);
}

function signatureOf({ signature }: ModelCard): string {
  if (!signature) return '### Inputs and output\n\nNot known: no signature was stored with it.';
  const rows = (direction: string, parts: CardSignature['inputs']) =>
    parts.map(({ name, type, shape, nullable }) => [
      direction,
      name === null ? '–' : code(name),
      plain(type),
      shape === null ? '–' : `(${shape.map((size) => (size < 0 ? 'N' : size)).join(', ')})`,
      nullable ? 'yes' : 'no',
    ]);
  const all = [...rows('input', signature.inputs), ...rows('output', signature.outputs)];
  return `### Inputs and output\n\n${markdownTable(['', 'name', 'type', 'shape', 'may be missing'], all, 500)}`;
}

function trainingOf({ data, params }: ModelCard): string {
  const read = data.map((one) => [
    code(one.name),
    one.commit ? code(one.commit) : one.digest ? `digest ${code(one.digest)}` : '–',
    one.path === null ? '–' : code(one.path),
    plain(one.role),
  ]);
  return [
    read.length > 0 ? markdownTable(['data', 'commit', 'file', 'used for'], read) : 'The data are not known.',
    ...(params.length > 0
      ? [
          markdownTable(
            ['param', 'value'],
            params.map(({ name, value }) => [code(name), code(value)]),
            200,
          ),
        ]
      : []),
  ].join('\n\n');
}

function evaluationOf({ metrics, metricsFrom, evaluation }: ModelCard): string[] {
  const figures = metrics.map(({ name, value }) => [code(name), String(value)]);
  const segments = evaluation.flatMap((part) =>
    part.figures.map(({ name, value }) => [
      plain(part.segment),
      part.rows === null ? '–' : String(part.rows),
      code(name),
      String(value),
    ]),
  );
  return [
    figures.length > 0 ? markdownTable(['metric', 'value'], figures) : 'No metric was stored.',
    metricsFrom === 'run' ? 'These are the metrics of its run.' : '',
    segments.length > 0 ? markdownTable(['segment', 'rows', 'figure', 'value'], segments, 300) : '',
  ];
}

function gateOf(gate: GateReport): string[] {
  const { comparison, segments = [] } = gate.measurements;
  const verdict = `**${gate.passed ? 'Passed' : 'Not passed'}** on ${utc(gate.decidedAtMs)}, run by ${code(gate.decidedBy)}.`;
  const against = comparison ? `Compared with ${code(comparison.opponent)} on ${comparison.rows} rows.` : '';
  const checks = gate.checks.map(({ name, passed, words }) => [name, passed ? 'ok' : '**failed**', plain(words)]);
  const rows = [
    ...(comparison ? [{ ...comparison, segment: 'overall' }] : []),
    ...segments.map((one) => ({ ...one, segment: `${one.column} ${one.value}` })),
  ].map((one) => [
    plain(one.segment),
    ...[one.rows, one.candidateLogLoss, one.opponentLogLoss].map(String),
    `${one.difference} (${one.low} to ${one.high})`,
  ]);
  const header = ['segment', 'rows', 'log loss, nats', 'log loss of the other, nats', 'difference (95 % interval)'];
  return [
    `${verdict} ${against}`.trim(),
    markdownTable(['check', 'verdict', 'found'], checks),
    rows.length > 0 ? markdownTable(header, rows) : '',
  ];
}

function promotionsOf({ environments, promotions }: ModelCard): string[] {
  const header = ['request', 'environment', 'state', 'requested by', 'requested', 'approved by'];
  const rows = promotions.map((one) => [
    String(one.number),
    code(one.environment),
    one.state,
    code(one.requestedBy),
    utc(one.requestedAtMs),
    approversOf(one).map(code).join(', ') || 'nobody',
  ]);
  return [
    environments.length > 0 ? `It is in ${environments.map(code).join(', ')}.` : 'It is in no environment.',
    rows.length > 0 ? markdownTable(header, rows) : '',
  ];
}

function approversOf({ steps }: Promotion): string[] {
  return [...new Set(steps.filter(({ kind }) => kind === 'approved').map(({ actor }) => actor))];
}

function written({ sections }: ModelCard, chapter: Chapter, level: number): string[] {
  const names = STANDARD_SECTIONS.filter((one) => one.chapter === chapter).map(({ name }) => name);
  return sections
    .filter(({ section }) => names.includes(section))
    .flatMap((section) => sectionAsMarkdown(section, level));
}

function sectionAsMarkdown({ heading, text, isInherited, version }: CardSection, level: number): string[] {
  return [
    `${'#'.repeat(level)} ${plain(heading)}`,
    text.trim() === '' ? 'Nothing was written about this.' : contained(text.trim()),
    isInherited && text.trim() !== '' ? `*Written for version ${version}.*` : '',
  ];
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `- **${name}:** ${value}`).join('\n');
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').slice(0, 16)} UTC`;
}
