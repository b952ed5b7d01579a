import { describe, expect, it } from 'vitest';
import { nextOrders, orderTexts, readOrders } from './orders.ts';

describe('what runs are sorted by', () => {
  it('is read from the address and written to it, with any sign in a key', () => {
    const text = 'metrics.valid.auc desc, params.`a, b desc` asc, startedAt asc';
    const orders = readOrders(text);
    expect(orders).toEqual([
      { column: 'metrics.valid.auc', descending: true },
      { column: 'params.`a, b desc`', descending: false },
      { column: 'startedAt', descending: false },
    ]);
    expect(orderTexts(orders).join(', ')).toBe(text);
    expect(readOrders(undefined)).toEqual([]);
    expect(readOrders(' , metrics.auc')).toEqual([{ column: 'metrics.auc', descending: false }]);
  });

  it('turns around at the second click and ends at the third; numbers start with the greatest', () => {
    const first = nextOrders([], 'metrics.auc', true, false);
    expect(orderTexts(first)).toEqual(['metrics.auc desc']);
    const second = nextOrders(first, 'metrics.auc', true, false);
    expect(orderTexts(second)).toEqual(['metrics.auc asc']);
    expect(nextOrders(second, 'metrics.auc', true, false)).toEqual([]);
    expect(orderTexts(nextOrders(second, 'name', false, false))).toEqual(['name asc']);
  });

  it('takes further columns without losing the first', () => {
    const first = nextOrders([], 'metrics.auc', true, false);
    const both = nextOrders(first, 'name', false, true);
    expect(orderTexts(both)).toEqual(['metrics.auc desc', 'name asc']);
    expect(orderTexts(nextOrders(both, 'metrics.auc', true, true))).toEqual(['metrics.auc asc', 'name asc']);
    expect(orderTexts(nextOrders(nextOrders(both, 'name', false, true), 'name', false, true))).toEqual([
      'metrics.auc desc',
    ]);
  });
});
