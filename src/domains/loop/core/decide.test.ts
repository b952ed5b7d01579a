import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision, Effect, LoopSnapshot, Signal } from '../model.ts';
import { day, gated, inputs, judged, labels, steadyLoop } from '../testing.ts';
import { decide } from './decide.ts';
import { commonFactor, triage } from './triage.ts';

describe('a broken feed', () => {
  it('blocks, and is over with the first clean window', () => {
    const { states, effects } = replay(inputs(0), inputs(1, 'failed', 2.1), inputs(2, 'failed', 2), inputs(3));
    expect(states).toEqual(['steady', 'data-fault', 'data-fault', 'steady']);
    expect(kinds(effects)).toEqual(['block-endpoint', 'unblock-endpoint']);
  });

  it('is never answered with a retraining, even when its labels show a loss', () => {
    const signals = [inputs(1, 'failed', 2), labels(1, 'failed'), inputs(2), labels(1, 'failed')];
    expect(kinds(replay(...signals).effects)).not.toContain('start-retraining');
  });

  it('names the factor that explains it', () => {
    const reference = [100, 200, 400, 600, 800, 1200, 2400];
    const quantiles = { reference, window: reference.map((value) => value * 1.609344) };
    const found = triage({
      kind: 'window',
      span: day(0),
      integrity: 'ok',
      drift: 'failed',
      drifted: [{ feature: 'distance', psi: 2, qValue: 1e-12, quantiles }],
      problems: [],
    });
    expect(found).toMatchObject({ kind: 'data-fault', words: expect.stringContaining('miles arrive as kilometres') });
  });

  it('is not found in a shift of the predictions alone, however large', () => {
    const drifted = [{ feature: '@prediction', psi: 1, qValue: 1e-12 }];
    const signal = { kind: 'window', span: day(0), integrity: 'ok', drift: 'failed', drifted, problems: [] } as const;
    expect(triage(signal)).toMatchObject({ kind: 'shift' });
    expect(replay(signal).effects).toEqual([]);
  });

  it('claims no factor where none explains the shift', () => {
    expect(commonFactor([1, 2, 3, 4, 5, 6, 7], [1, 3, 3, 9, 5, 12, 8])).toBeUndefined();
    expect(commonFactor([1, 2, 3, 4, 5], [1.01, 2.01, 3.01, 4.02, 5.02])).toBeUndefined();
  });
});

describe('a loss of performance', () => {
  it('is retrained, gated, tried on a share of the traffic and promoted', () => {
    const story = replay(labels(0, 'failed'), gated(0, true), labels(1), labels(2), judged(2));
    expect(story.states).toEqual(['retraining', 'canary', 'canary', 'canary', 'steady']);
    expect(kinds(story.effects)).toEqual(['start-retraining', 'start-canary', 'judge-canary', 'promote']);
    expect(story.last).toMatchObject({ champion: 'version:delays/2', challenger: null });
  });

  it('is followed up once on what has come since a promotion', () => {
    const { policy } = steadyLoop();
    const loop = steadyLoop({ policy: { ...policy, followUpWindows: 4, cooldownWindows: 1 } });
    let state = loop;
    const effects: Effect[] = [];
    const moves: string[] = [];
    const take = (signal: Signal) => {
      const decision = decide(state, signal);
      if (decision.note) moves.push(decision.note.kind);
      effects.push(...decision.effects);
      state = decision.next;
    };
    for (const signal of [labels(0, 'failed'), gated(0, true), labels(1), labels(2), judged(2)]) take(signal);
    for (let n = 3; n <= 6; n++) take(labels(n));
    take(gated(6, true, 'delays/2'));
    for (const signal of [labels(7), labels(8), judged(8)]) take(signal);
    for (let n = 9; n < 40; n++) take(labels(n));
    expect(moves).toEqual([
      ...['performance-lost', 'canary-started', 'promoted'],
      ...['follow-up', 'canary-started', 'promoted'],
    ]);
    const trainings = effects.filter((effect) => effect.kind === 'start-retraining');
    expect(trainings.map(({ weighting }) => weighting)).toEqual(['recent', 'equal']);
    expect(trainings[1]?.training).toEqual({ startMs: day(3).startMs, endMs: day(6).endMs });
  });

  it('leaves the champion when the gate refuses, and rests before the next try', () => {
    const story = replay(
      labels(0, 'failed'),
      gated(0, false),
      labels(1, 'failed'),
      labels(2, 'failed'),
      labels(3, 'failed'),
      labels(4, 'failed'),
    );
    expect(story.states).toEqual(['retraining', 'steady', 'steady', 'steady', 'steady', 'retraining']);
    expect(story.last.champion).toBe('version:delays/1');
  });

  it.each([
    ['does worse', { low: 0.01, high: 0.05 }],
    ['fails requests', { challengerErrors: 1 }],
  ])('is rolled back when the canary %s', (_, change) => {
    const story = replay(labels(0, 'failed'), gated(0, true), labels(1), labels(2), judged(2, change));
    expect(kinds(story.effects)).toContain('roll-back');
    expect(story.last).toMatchObject({ state: 'steady', champion: 'version:delays/1', challenger: null });
  });

  it('waits for enough rows before it promotes', () => {
    const story = replay(
      labels(0, 'failed'),
      gated(0, true),
      labels(1),
      labels(2),
      judged(2, { challengerRows: 10 }),
      labels(3),
    );
    expect(story.last.state).toBe('canary');
    expect(kinds(story.effects).filter((kind) => kind === 'judge-canary')).toHaveLength(2);
  });

  it('trains on no window of a fault', () => {
    const { effects } = replay(inputs(3, 'failed', 2), inputs(4), labels(8, 'failed'));
    expect(effects.find((effect) => effect.kind === 'start-retraining')).toMatchObject({ excluded: [day(3)] });
  });
});

it('keeps its laws whatever arrives', () => {
  const anySignal: fc.Arbitrary<Signal> = fc.oneof(
    fc
      .tuple(fc.nat(40), fc.constantFrom('ok', 'warning', 'failed'), fc.constantFrom(0.05, 0.3, 2))
      .map(([n, v, psi]) => inputs(n, v, psi)),
    fc.tuple(fc.nat(40), fc.constantFrom('ok', 'warning', 'failed')).map(([n, v]) => labels(n, v)),
    fc
      .tuple(fc.nat(40), fc.boolean(), fc.integer({ min: 1, max: 4 }))
      .map(([n, passed, k]) => gated(n, passed, `delays/${k}`)),
    fc
      .tuple(fc.nat(40), fc.constantFrom({}, { low: 0.1, high: 0.2 }, { challengerRows: 5 }))
      .map(([n, change]) => judged(n, change)),
  );
  fc.assert(
    fc.property(fc.array(anySignal, { maxLength: 60 }), (signals) => {
      let loop = steadyLoop();
      let canaries = 0;
      for (const signal of signals) {
        const { next, effects } = decide(loop, signal);
        for (const effect of effects) {
          if (effect.kind === 'start-canary') {
            expect(signal.kind === 'retrained' && signal.outcome.status === 'gated' && signal.outcome.passed).toBe(
              true,
            );
            canaries++;
          }
          if (effect.kind === 'promote') expect(canaries--).toBeGreaterThan(0);
          if (effect.kind === 'roll-back') canaries--;
          if (effect.kind === 'start-retraining') {
            expect(loop.state).toBe('steady');
            const inside = loop.faultSpans.filter(
              (s) => s.startMs < effect.training.endMs && s.endMs > effect.training.startMs,
            );
            expect(effect.excluded).toEqual(inside);
          }
        }
        expect(next.challenger === null).toBe(next.state !== 'canary');
        loop = next;
      }
      expect(canaries).toBeLessThanOrEqual(1);
    }),
  );
});

function replay(...signals: readonly Signal[]) {
  const decisions: Decision[] = [];
  let last: LoopSnapshot = steadyLoop();
  for (const signal of signals) {
    const decision = decide(last, signal);
    decisions.push(decision);
    last = decision.next;
  }
  return { last, states: decisions.map((d) => d.next.state), effects: decisions.flatMap((d) => d.effects) };
}

function kinds(effects: readonly Effect[]): string[] {
  return effects.map((effect) => effect.kind);
}
