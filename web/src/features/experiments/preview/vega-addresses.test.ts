import { expect, it } from 'vitest';
import { addressesIn } from './vega-addresses.ts';

it('finds what a chart wants from elsewhere, however deep', () => {
  const spec = {
    data: { url: 'https://example.org/rows.csv' },
    layer: [
      { transform: [{ lookup: 'id', from: { data: { url: 'data/more.json' }, key: 'id' } }] },
      { mark: 'image', encoding: { url: { value: 'https://example.org/a.png' } } },
    ],
  };
  expect(addressesIn(spec).toSorted()).toEqual([
    'data/more.json',
    'https://example.org/a.png',
    'https://example.org/rows.csv',
  ]);
});

it('finds nothing in a chart that has its data, whatever the columns are called', () => {
  const data = { values: [{ url: 'https://example.org', a: 1 }] };
  expect(addressesIn({ data, datasets: { one: [{ url: 'x' }] }, encoding: { url: { field: 'url' } } })).toEqual([]);
});
