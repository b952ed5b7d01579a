import { expect, it } from 'vitest';
import { parseRow, textOf } from './row.ts';

const columns = [
  { name: 'origin', type: 'string', nullable: false },
  { name: 'distance', type: 'number', nullable: false },
  { name: 'at', type: 'timestamp', nullable: true },
] as const;

it('reads the texts of a form by the types of the columns', () => {
  expect(parseRow(columns, { origin: '123', distance: ' 7.5 ', at: '2001-03-01T10:00:00Z' })).toEqual({
    origin: '123',
    distance: 7.5,
    at: '2001-03-01T10:00:00Z',
  });
});

it('leaves what is wrong to the server, and makes nothing up for an empty field', () => {
  expect(parseRow(columns, { origin: '', distance: 'far', at: '' })).toEqual({ origin: '', distance: 'far', at: null });
  expect(parseRow(columns, { origin: 'SFO', distance: '', at: '981072000000' })).toEqual({
    origin: 'SFO',
    distance: '',
    at: 981072000000,
  });
});

it('fills the form with texts that read back as they were', () => {
  expect(textOf(981072000000, 'timestamp')).toBe('2001-02-02T00:00:00Z');
  expect([textOf(7, 'number'), textOf(null, 'string'), textOf('SFO', 'string')]).toEqual(['7', '', 'SFO']);
});
