import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GateMeasurements, GatePolicyInput, ModelSignature } from '#contract';
import { goodMeasurements, newVersion, segment } from '../testing.ts';
import { measurementProblem } from './check-measurements.ts';
import { type Contender, judge, policyOf } from './gate.ts';

const SIGNATURE = newVersion('').signature;
const CANDIDATE = { ref: 'version:delays/2', signature: SIGNATURE };
const CHAMPION: Contender = { ref: 'version:delays/1', signature: SIGNATURE };

function run(measurements: GateMeasurements, policy: GatePolicyInput = {}, champion: Contender | null = null) {
  const checks = judge({ policy: policyOf(policy), measurements, candidate: CANDIDATE, champion });
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

function failed(...parameters: Parameters<typeof run>): string[] {
  return Object.values(run(...parameters)).flatMap(({ name, passed }) => (passed ? [] : [name]));
}

describe('the gate', () => {
  it('lets a version through whose figures are all good, and tells them', () => {
    const checks = run(goodMeasurements());
    expect(Object.keys(checks)).toEqual(['better-than', 'segments', 'onnx-parity', 'latency', 'signature']);
    expect(failed(goodMeasurements())).toEqual([]);
    expect(checks['better-than']?.words).toBe(
      'Better than baseline: log loss 0.45 against 0.48 on 12,000 rows, difference -0.03 nats (95 % interval -0.035 to -0.025).',
    );
    expect(checks.segments?.words).toBe('None of 2 segments is worse by more than 0.02 nats.');
    expect(checks.latency?.words).toBe('99 % of 500 single rows were predicted within 1.2 ms; the budget is 10 ms.');
  });

  it('fails every check that was not measured', () => {
    const checks = run({});
    expect(failed({})).toEqual(['better-than', 'segments', 'onnx-parity', 'latency']);
    for (const name of failed({})) expect(checks[name]).toMatchObject({ evidence: null });
    expect(failed(goodMeasurements('baseline', { segments: [] }))).toEqual(['segments']);
    expect(failed(goodMeasurements('baseline', { segments: [segment('ATL', 0, { rows: 199 })] }))).toEqual([
      'segments',
    ]);
  });

  it('asks for a difference that chance and the margin cannot explain', () => {
    const by = (difference: number, high: number) =>
      goodMeasurements('baseline', {
        comparison: {
          opponent: 'baseline',
          rows: 1000,
          candidateLogLoss: 0.5 + difference,
          opponentLogLoss: 0.5,
          difference,
          low: difference - 0.01,
          high,
        },
      });
    expect(failed(by(-0.01, -0.0001))).toEqual([]);
    expect(failed(by(-0.01, 0))).toEqual(['better-than']);
    expect(failed(by(-0.01, 0.001))).toEqual(['better-than']);
    expect(failed(by(0.01, 0.02))).toEqual(['better-than']);
    expect(failed(by(-0.01, -0.004), { minMargin: 0.003 })).toEqual([]);
    expect(failed(by(-0.01, -0.004), { minMargin: 0.004 })).toEqual(['better-than']);
  });

  it('compares with the champion once there is one, and with nobody else', () => {
    expect(failed(goodMeasurements('baseline'), {}, CHAMPION)).toEqual(['better-than']);
    expect(run(goodMeasurements('baseline'), {}, CHAMPION)['better-than']?.words).toMatch(
      /compared with baseline, but the champion is version:delays\/1/,
    );
    expect(failed(goodMeasurements('version:delays/1'), {}, CHAMPION)).toEqual([]);
  });

  it('names the segments that lose more than the limit, the worst first', () => {
    const segments = [
      segment('ATL', 0.03),
      segment('SFO', 0.05),
      segment('LAX', 0.019),
      segment('BOS', 0.2, { rows: 50 }),
      segment('ORD', 0.5, { halfWidth: 0.6 }),
      segment('SEA', -0.1),
    ];
    const check = run(goodMeasurements('baseline', { segments })).segments;
    expect(check?.passed).toBe(false);
    expect(check?.evidence).toMatchObject({
      judged: 5,
      skipped: 1,
      limit: 0.02,
      offenders: [{ value: 'SFO' }, { value: 'ATL' }],
    });
    expect(check?.words).toMatch(/^2 of 5 segments worse by more than 0.02 nats: origin SFO \(difference 0.05 nats/);
    expect(check?.words).toMatch(/1 with fewer than 200 rows were not judged/);
    expect(failed(goodMeasurements('baseline', { segments }), { maxSegmentLoss: 0.05 })).toEqual([]);
  });

  it('does not accuse one segment of many whose interval excludes zero by chance', () => {
    // The interval just excludes zero (p = 0.02): convincing alone, expected among a hundred.
    const unlucky = segment('s0', 0.05, { halfWidth: 0.0477 });
    const others = Array.from({ length: 99 }, (_, n) => segment(`s${n + 1}`, 0, { halfWidth: 0.05 }));
    expect(failed(goodMeasurements('baseline', { segments: [unlucky] }))).toEqual(['segments']);
    expect(failed(goodMeasurements('baseline', { segments: [unlucky, ...others] }))).toEqual([]);
    const plain = segment('s0', 0.05, { halfWidth: 0.02 });
    expect(failed(goodMeasurements('baseline', { segments: [plain, ...others] }))).toEqual(['segments']);
  });

  it('holds the ONNX file and the latency to their limits', () => {
    const onnx = (maxDifference: number) => goodMeasurements('baseline', { onnx: { rows: 10, maxDifference } });
    expect(failed(onnx(1e-5))).toEqual([]);
    expect(failed(onnx(1.1e-5))).toEqual(['onnx-parity']);
    expect(failed(onnx(1e-4), { onnxTolerance: 1e-3 })).toEqual([]);
    const latency = (p99Ms: number) => goodMeasurements('baseline', { latency: { requests: 9, p50Ms: 1, p99Ms } });
    expect(failed(latency(10))).toEqual([]);
    expect(failed(latency(10.01))).toEqual(['latency']);
    expect(failed(latency(30), { latencyBudgetMs: 50 })).toEqual([]);
  });

  it('asks for the columns of the champion, unless other ones are allowed', () => {
    const [origin, distance] = SIGNATURE.inputs;
    if (!origin || !distance) throw new Error('the signature has two columns');
    const with_ = (inputs: ModelSignature['inputs'], output = 'probability') => {
      const champion = { ref: 'version:delays/1', signature: { inputs, output } };
      return run(goodMeasurements('version:delays/1'), {}, champion).signature;
    };
    expect(with_([distance, origin])?.passed).toBe(true);
    expect(with_([origin])).toMatchObject({ passed: false, evidence: { added: ['distance'], removed: [] } });
    expect(with_([origin, distance, { name: 'hour', type: 'number', nullable: false }])).toMatchObject({
      passed: false,
      evidence: { removed: ['hour'] },
    });
    expect(with_([origin, { ...distance, type: 'string' }])).toMatchObject({ evidence: { changed: ['distance'] } });
    expect(with_([origin, { ...distance, nullable: false }])).toMatchObject({ evidence: { changed: ['distance'] } });
    expect(with_([origin, distance], 'value')?.words).toMatch(/changed output probability/);
    const other = { ref: 'version:delays/1', signature: { inputs: [origin], output: 'probability' } };
    const allowed = run(goodMeasurements('version:delays/1'), { allowSignatureChange: true }, other).signature;
    expect(allowed?.passed).toBe(true);
    expect(allowed?.words).toMatch(/which the policy allows: added distance/);
  });

  it('never turns a passed gate into a failed one when the candidate gets better', () => {
    const differences = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(differences, fc.double({ min: 0, max: 0.2, noNaN: true }), (drawn, better) => {
        const passes = (shift: number) => {
          const segments = drawn.map((difference, n) => segment(`s${n}`, difference - shift));
          return failed(goodMeasurements('baseline', { segments })).length === 0;
        };
        return !passes(0) || passes(better);
      }),
    );
  });
});

describe('measurements', () => {
  const problemOf = (changes: Partial<GateMeasurements>) =>
    measurementProblem(goodMeasurements('baseline', changes), CANDIDATE.ref);
  const { comparison } = goodMeasurements();
  if (!comparison) throw new Error('good measurements hold a comparison');

  it('are taken when they agree with themselves', () => {
    expect(problemOf({})).toBeUndefined();
    expect(measurementProblem({}, CANDIDATE.ref)).toBeUndefined();
  });

  it.each<[string, Partial<GateMeasurements>, RegExp]>([
    ['comparison.opponent', { comparison: { ...comparison, opponent: CANDIDATE.ref } }, /the candidate itself/],
    ['comparison.difference', { comparison: { ...comparison, difference: -0.5 } }, /log losses differ by -0.0/],
    ['comparison.low', { comparison: { ...comparison, low: -0.01 } }, /does not hold the difference/],
    ['comparison.low', { comparison: { ...comparison, high: -0.04 } }, /does not hold the difference/],
    ['segments.1.difference', { segments: [segment('a', 0), { ...segment('b', 0), difference: 0.1 }] }, /differ by 0/],
    ['segments.1', { segments: [segment('a', 0), segment('a', 0)] }, /origin a a second time/],
    ['segments.0.rows', { segments: [segment('a', 0, { rows: 12_001 })] }, /more than the 12000/],
    ['latency.p50Ms', { latency: { requests: 5, p50Ms: 2, p99Ms: 1 } }, /above the 99th percentile/],
  ])('are refused when they contradict themselves: %s', (field, changes, problem) => {
    expect(problemOf(changes)).toMatchObject({ field, problem: expect.stringMatching(problem) });
  });
});
