import type { Command } from 'commander';
import type { Span, Trace, TraceInfo } from '#contract';
import { wholeNumber } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { figure, oneLine, table, utc } from '../terminal.ts';
import { addDatasets } from './trace-datasets.ts';

/** `trimtab trace`: what programs that ask language models did. */
export function addTrace(program: Command): void {
  const trace = program
    .command('trace')
    .description('Traces of programs that ask language models.')
    .addHelpText('after', '\nExample:\n  trimtab trace list assistant\n');
  addList(trace);
  addShow(trace);
  addDatasets(trace);
}

interface ListOptions {
  readonly filter?: string;
  readonly order?: string;
  readonly limit?: number;
}

function addList(trace: Command): void {
  trace
    .command('list')
    .description('List traces of an experiment, the latest first.')
    .argument('<experiment>', 'name of the experiment')
    .option('--filter <filter>', `e.g. "status = 'ERROR' and execution_time_ms > 500"`)
    .option('--order <field>', 'e.g. "execution_time_ms desc"')
    .option('--limit <number>', 'at most so many, up to 500 (default 100)', wholeNumber)
    .addHelpText('after', `\nExample:\n  trimtab trace list assistant --filter "status = 'ERROR'"\n`)
    .action(async (experiment: string, options: ListOptions, command: Command) => {
      const { client, terminal } = contextOf(command);
      const { filter, order: orderBy, limit } = options;
      const query = { filter, orderBy, limit };
      terminal.result(await client.tracing.searchTraces({ params: { experiment }, query }), ({ traces }) =>
        table(traces.map(traceLine), `There is no such trace in ${experiment}.`),
      );
    });
}

function traceLine({ id, name, state, startedAtMs, durationMs, spans, tokens, requestPreview }: TraceInfo) {
  return {
    trace: id,
    name,
    state,
    'started (UTC)': utc(startedAtMs),
    took: took(durationMs),
    spans,
    tokens: tokens?.total ?? null,
    asked: requestPreview && oneLine(requestPreview, 40),
  };
}

function addShow(trace: Command): void {
  trace
    .command('show')
    .description('Show a trace: its steps, and what is thought of it.')
    .argument('<trace>', 'id of the trace')
    .addHelpText('after', '\nExample:\n  trimtab trace show tr-3f2a91c04be14d8ab02a0f54c3e21d77\n')
    .action(async (id: string, _: object, command: Command) => {
      const { client, terminal } = contextOf(command);
      terminal.result(await client.tracing.getTrace({ params: { trace: id } }), (shown) => {
        const assessed = shown.assessments.map(({ name, kind, value, valid, source, rationale }) => ({
          assessment: name,
          kind: valid ? kind : `${kind}, replaced`,
          value: oneLine(JSON.stringify(value), 40),
          by: source.id,
          why: rationale,
        }));
        return [
          headOf(shown),
          table(stepLines(shown.tree), 'None of its spans has arrived yet.'),
          ...(assessed.length > 0 ? [table(assessed, '')] : []),
        ].join('\n\n');
      });
    });
}

function headOf({ id, name, state, startedAtMs, durationMs, tokens, requestPreview, responsePreview }: Trace): string {
  const used = tokens ? `, ${tokens.total} tokens` : '';
  return [
    `${name ?? 'Trace'} ${id}: ${state}, started ${utc(startedAtMs)} UTC, took ${took(durationMs) ?? 'no known time'}${used}`,
    ...(requestPreview === null ? [] : [`asked: ${oneLine(requestPreview, 200)}`]),
    ...(responsePreview === null ? [] : [`answered: ${oneLine(responsePreview, 200)}`]),
  ].join('\n');
}

/** Steps in the order of a tree, each indented below its parent. */
function stepLines(spans: readonly Span[]) {
  const known = new Set(spans.map(({ id }) => id));
  const shown = new Set<string>();
  const lines: ReturnType<typeof stepLine>[] = [];
  const add = (span: Span, depth: number): void => {
    if (shown.has(span.id)) return;
    shown.add(span.id);
    lines.push(stepLine(span, depth));
    const below = spans.filter(({ parent }) => parent === span.id).sort((a, b) => a.offsetMs - b.offsetMs);
    for (const child of below) add(child, depth + 1);
  };
  // What lost its parent, or is its own, still stands somewhere.
  for (const span of spans) if (span.parent === null || !known.has(span.parent)) add(span, 0);
  for (const span of spans) add(span, 0);
  return lines;
}

function stepLine({ name, type, status, statusMessage, offsetMs, durationMs, tokens }: Span, depth: number) {
  return {
    step: `${'  '.repeat(depth)}${name}`,
    type,
    starts: took(offsetMs),
    took: took(durationMs),
    tokens: tokens?.total ?? null,
    failed: status === 'error' ? oneLine(statusMessage || 'yes', 60) : null,
  };
}

function took(ms: number | null): string | null {
  return ms === null ? null : `${figure(ms)} ms`;
}
