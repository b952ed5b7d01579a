import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureClass, PipelineDefinition, StepDefinition, StepStatus } from '#contract';
import { digestOf } from '#platform/digest';
import { endedWell, isStepOver } from '../model.ts';
import { componentsOf, differencesOf } from './action-key.ts';
import { problemOf } from './check-definition.ts';
import { failureOf, type ProcessEnd, retryDelayMs } from './failure.ts';
import { resolveParams } from './params.ts';
import { consequencesOf, endOf, firstStatuses, type Plan, planOf } from './progress.ts';
import { tailOf, wholeText } from './text.ts';

/** Steps in random order, each needing some of those before it. */
const dag = fc.array(fc.array(fc.nat(1_000), { maxLength: 3 }), { minLength: 1, maxLength: 14 }).chain((rows) => {
  const steps = rows.map((picks, index): StepDefinition => {
    const needs = index === 0 ? [] : [...new Set(picks.map((pick) => `s${pick % index}`))];
    return { name: `s${index}`, command: ['true'], needs };
  });
  return fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length });
});

type Outcome = 'succeeded' | 'reused' | 'failed' | 'cancelled';

/** Plays a run to its end, steps ending in the order and the way that chance says. */
function play(plan: Plan, choose: (bound: number) => number, outcomes: readonly Outcome[]) {
  const statuses = new Map(firstStatuses(plan));
  const order: string[] = [];
  for (;;) {
    const ready = [...statuses].filter(([, status]) => status === 'queued').map(([step]) => step);
    const step = ready[choose(ready.length)];
    if (step === undefined) return { statuses, order };
    order.push(step);
    for (const need of plan.needs.get(step) ?? []) expect(endedWell(statuses.get(need) ?? 'waiting')).toBe(true);
    const outcome = outcomes[choose(outcomes.length)] ?? 'succeeded';
    for (const [name, status] of consequencesOf(plan, statuses, step, outcome)) {
      // A step that is over never changes again.
      expect(isStepOver(statuses.get(name) ?? 'waiting')).toBe(false);
      statuses.set(name, status);
    }
  }
}

describe('progress of a run', () => {
  it('begins a step only when all it needs ended well, and gives every step one end', () => {
    const outcomes = fc.constantFrom<Outcome[]>(
      ['succeeded'],
      ['succeeded', 'reused', 'failed'],
      ['failed'],
      ['succeeded', 'cancelled', 'failed'],
    );
    fc.assert(
      fc.property(dag, outcomes, fc.infiniteStream(fc.nat(10_000)), (steps, kinds, chance) => {
        const plan = planOf(steps);
        const choose = (bound: number) => (bound === 0 ? 0 : chance.next().value % bound);
        const { statuses, order } = play(plan, choose, kinds);
        expect(new Set(order).size).toBe(order.length);
        expect([...statuses.values()].every(isStepOver)).toBe(true);
        for (const [step, status] of statuses) {
          const allWell = plan.needs.get(step)?.every((need) => endedWell(statuses.get(need) ?? 'waiting'));
          // What was left out was left out for a reason, and nothing else was.
          expect(order.includes(step)).toBe(allWell);
          if (!allWell) expect(['skipped', 'cancelled']).toContain(status);
        }
        const all = [...statuses.values()];
        const expected = all.includes('cancelled') ? 'cancelled' : all.includes('failed') ? 'failed' : 'succeeded';
        expect(endOf(statuses)).toBe(expected);
      }),
    );
  });

  it('has no end while a step is not over', () => {
    const statuses = (second: StepStatus) =>
      new Map<string, StepStatus>([
        ['a', 'failed'],
        ['b', second],
      ]);
    for (const status of ['waiting', 'queued', 'running'] as const) expect(endOf(statuses(status))).toBeUndefined();
    expect(endOf(statuses('skipped'))).toBe('failed');
  });
});

describe('checking a definition', () => {
  const check = (definition: Partial<PipelineDefinition>) =>
    problemOf({ name: 'p', steps: [], ...definition }, (name) => name === 'known');
  const step = (more: Partial<StepDefinition> & { name?: string }): StepDefinition => ({
    name: 'a',
    ...(more.entrypoint ? {} : { command: ['true'] }),
    ...more,
  });

  it('accepts every graph without a cycle, and finds the cycle when one edge closes it', () => {
    fc.assert(
      fc.property(dag, fc.nat(), (steps, pick) => {
        expect(check({ steps })).toBeUndefined();
        const withNeeds = steps.filter(({ needs = [] }) => needs.length > 0);
        const chosen = withNeeds[pick % Math.max(1, withNeeds.length)];
        if (!chosen) return;
        const before = chosen.needs?.[0];
        const closed = steps.map((one) =>
          one.name === before ? { ...one, needs: [...(one.needs ?? []), chosen.name] } : one,
        );
        expect(check({ steps: closed })?.problem).toMatch(/waits for itself: .*->/);
      }),
    );
  });

  it('finds a cycle at the end of a chain of 5,000 steps', () => {
    const steps = Array.from({ length: 5_000 }, (_, i) => step({ name: `s${i}`, needs: [`s${(i + 1) % 5_000}`] }));
    expect(check({ steps })?.problem).toContain('waits for itself');
    expect(check({ steps: [...steps.slice(0, -1), step({ name: 's4999' })] })).toBeUndefined();
  });

  it.each<[string, Partial<PipelineDefinition>, RegExp]>([
    ['a name with a way out', { steps: [step({ name: '../a' })] }, /cannot be a file name/],
    ['a name twice', { steps: [step({}), step({})] }, /is there twice/],
    ['no program', { steps: [{ name: 'a' }] }, /either a command or an entrypoint/],
    ['two programs', { steps: [{ name: 'a', command: ['true'], entrypoint: 'known' }] }, /either a command or/],
    ['an unknown entry point', { steps: [step({ entrypoint: 'other' })] }, /"other", which this server does not bring/],
    ['an unknown need', { steps: [step({ needs: ['b'] })] }, /needs step "b", which does not exist \(there is "a"\)/],
    ['an unknown step', { steps: [step({ inputs: { x: { step: 'b', output: 'o' } } })] }, /reads from step "b"/],
    [
      'an unknown output',
      { steps: [step({ inputs: { x: { step: 'b', output: 'o' } } }), step({ name: 'b' })] },
      /output "o" of step "b", which has no such output \(it has none\)/,
    ],
    ['an unknown run input', { steps: [step({ inputs: { x: { run: 'r' } } })] }, /run input "r", which the pipeline/],
    [
      'an input with a way out',
      { inputs: ['r'], steps: [step({ inputs: { '../x': { run: 'r' } } })] },
      /input "..\/x"/,
    ],
    ['an output twice', { steps: [step({ outputs: [out('o'), out('o')] })] }, /two outputs named "o"/],
    ['an output with a way out', { steps: [step({ outputs: [out('a/b')] })] }, /output "a\/b", which cannot/],
    ['an unknown param', { params: { y: 1 }, steps: [step({ params: { a: ['{{params.x}}'] } })] }, /param "x", which/],
    ['a param in the middle', { params: { x: 1 }, steps: [step({ params: { a: 'n{{params.x}}' } })] }, /whole value/],
    ['a reserved variable', { steps: [step({ env: { TRIMTAB_URL: 'x' } })] }, /sets TRIMTAB_URL, which the server/],
    ['a broken variable', { steps: [step({ passEnv: ['A=B'] })] }, /"A=B", which is no such name/],
  ])('refuses %s', (_, definition, problem) => {
    expect(check(definition)?.problem).toMatch(problem);
  });

  function out(name: string) {
    return { name, kind: 'file' } as const;
  }
});

describe('why an attempt failed', () => {
  const end = (more: Partial<ProcessEnd>): ProcessEnd => ({
    state: 'exited',
    code: 1,
    signal: null,
    stoppedFor: undefined,
    outOfMemory: false,
    logTail: '',
    timeoutMs: 1_500,
    peakRssBytes: null,
    ...more,
  });

  it.each<[string, Partial<ProcessEnd>, FailureClass | undefined, RegExp]>([
    ['the code 0 is no failure', { code: 0, logTail: 'MemoryError' }, undefined, /^$/],
    ['another code', { code: 3 }, 'exit', /code 3/],
    ['a program that is missing', { code: 127 }, 'exit', /not found/],
    ['a signal', { code: null, signal: 'SIGSEGV' }, 'signal', /^SIGSEGV from outside/],
    ['the kernel for lack of memory', { code: null, signal: 'SIGKILL', outOfMemory: true }, 'out-of-memory', /memory/],
    ['Python', { logTail: 'Traceback\nMemoryError' }, 'out-of-memory', /memory/],
    ['NumPy', { logTail: 'numpy._core._exceptions._ArrayMemoryError: Unable' }, 'out-of-memory', /memory/],
    ['a mere mention', { logTail: 'no MemoryErrors today' }, 'exit', /code 1/],
    ['Java', { logTail: 'java.lang.OutOfMemoryError: Java heap' }, 'out-of-memory', /memory/],
    ['its time', { stoppedFor: 'timeout', code: null, signal: 'SIGTERM' }, 'timeout', /longer than the 1.5 s/],
    ['a request', { stoppedFor: 'cancel', code: 0 }, 'cancelled', /request/],
    ['nobody knows', { state: 'lost', code: null }, 'lost', /vanished/],
    ['peak', { outOfMemory: true, code: null, signal: 'SIGKILL', peakRssBytes: 2 ** 30 }, 'out-of-memory', /1024 MiB/],
  ])('%s', (_, how, failure, words) => {
    const found = failureOf(end(how));
    expect(found?.failure).toBe(failure);
    expect(found?.words ?? '').toMatch(words);
  });

  it('pauses longer each time, and only where it is told to try again', () => {
    const retries = { max: 3, backoffMs: 100, factor: 3, on: ['exit' as const] };
    expect([1, 2, 3, 4].map((made) => retryDelayMs(retries, made, 'exit'))).toEqual([100, 300, 900, undefined]);
    expect(retryDelayMs(retries, 1, 'timeout')).toBeUndefined();
    expect(retryDelayMs({ max: 3, backoffMs: 1 }, 1, 'cancelled')).toBeUndefined();
    expect(retryDelayMs(undefined, 1, 'exit')).toBeUndefined();
    expect(retryDelayMs({ max: 100, backoffMs: 1_000 }, 90, 'exit')).toBe(86_400_000);
  });
});

describe('the action key', () => {
  const facts = { params: {}, inputs: {}, code: {}, program: 'p', passedEnv: {}, platform: {} };
  const key = (step: Partial<StepDefinition>, more = {}) =>
    digestOf(componentsOf({ name: 'a', command: ['x'], ...step }, { ...facts, ...more }));

  it('keeps apart what would run together as text', () => {
    const keys = [
      key({}),
      key({ command: ['x', 'y'] }),
      key({ command: ['x y'] }),
      key({ command: undefined, entrypoint: 'x' }),
      key({}, { params: { a: 1 } }),
      key({}, { params: { a: '1' } }),
      key({}, { params: { a: { b: 1 } } }),
      key({}, { params: { 'a.b': 1 } }),
      key({}, { inputs: { a: '1' } }),
      key({}, { code: { a: '1' } }),
      key({ env: { a: '1' } }),
      key({}, { passedEnv: { a: '1' } }),
      key({}, { passedEnv: { a: null } }),
      key({ outputs: [{ name: 'a', kind: 'file' }] }),
      key({ outputs: [{ name: 'a', kind: 'json' }] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('tells a part that is null from one that is missing', () => {
    expect(differencesOf({}, { 'params.a': null })).toEqual([{ component: 'params.a', before: null, after: null }]);
  });

  it('differs from another exactly when the parts differ', () => {
    const values = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [one, two] = [a, b].map((params) =>
          componentsOf({ name: 's', command: ['x'] }, { ...facts, params: params as Record<string, string> }),
        );
        if (!one || !two) throw new Error('two were made');
        expect(digestOf(one) === digestOf(two)).toBe(differencesOf(one, two).length === 0);
      }),
    );
  });
});

describe('text and params', () => {
  it('cuts text between characters, and loses none of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, cut) => {
        const data = Buffer.from(text.toWellFormed());
        const first = wholeText(data.subarray(0, cut), cut >= data.length);
        const rest = wholeText(data.subarray(first.bytes), true);
        expect(first.text + rest.text).toBe(text.toWellFormed());
        expect(data.subarray(0, cut).length - first.bytes).toBeLessThan(4);
      }),
    );
  });

  it('keeps the last whole lines of a log', () => {
    const log = Buffer.from(Array.from({ length: 1_000 }, (_, i) => `line ${i}\n`).join(''));
    const tail = tailOf(log, 40);
    expect(tail).toBe('line 996\nline 997\nline 998\nline 999\n');
    expect(tailOf(Buffer.from('a\0b'), 40)).toBe('a\uFFFDb');
  });

  it('fills params in, type and all, and changes nothing else', () => {
    const template = { a: '{{params.n}}', b: ['{{params.o}}', '{{params.none}}', 'plain'], c: 1, d: null };
    const params = { n: 7, o: { x: [1] } };
    expect(resolveParams(template, params)).toEqual({
      a: 7,
      b: [{ x: [1] }, '{{params.none}}', 'plain'],
      c: 1,
      d: null,
    });
  });
});
