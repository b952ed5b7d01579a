import { describe, expect, it } from 'vitest';
import { readEvaluation } from './read-evaluation.ts';

describe('the evaluation of a version', () => {
  it('reads figures, calibration, segments and importance', () => {
    const auc = { value: 0.7, low: 0.6, high: 0.8 };
    const evaluation = readEvaluation({
      overall: {
        rows: 400,
        auc,
        calibration: { bins: [{ rows: 40, meanPrediction: 0.1, rate: { value: 0.2, low: 0.1, high: 0.3 } }] },
      },
      segments: [{ column: 'origin', value: 'ATL', rows: 90, auc, comparison: { value: -0.1 } }],
      importance: { hour: 0.1, route: 0.3, note: 'x' },
      opponent: 'baseline',
    });
    expect(evaluation).toMatchObject({
      rows: 400,
      estimates: { auc },
      calibration: [{ predicted: 0.1, observed: { value: 0.2 }, rows: 40 }],
      segments: [{ segment: 'origin ATL', rows: 90, estimates: { auc, comparison: { value: -0.1 } } }],
      importance: [
        ['route', 0.3],
        ['hour', 0.1],
      ],
      opponent: 'baseline',
    });
  });

  it.each([[null], ['text'], [[]], [{ accuracy: 1 }], [{ overall: 3 }]])('leaves %j to be shown as it is', (given) => {
    expect(readEvaluation(given)).toBeUndefined();
  });

  it('has empty parts where a maker wrote none', () => {
    expect(readEvaluation({ overall: { auc: { value: null } } })).toEqual({
      rows: undefined,
      estimates: {},
      calibration: [],
      segments: [],
      importance: [],
      opponent: undefined,
    });
  });
});
