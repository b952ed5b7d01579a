import { expect, it } from 'vitest';
import { count, figure, short, shortActor, table } from './terminal.ts';

const COMMIT = '988c86eaeeb1489484ab1b4ddc9b964f144e7c68d3fb1f697239be5b9c66a8ef';
const ROWS = [
  { commit: '988c86eaeeb1', made: '2026-11-25 02:50:19', files: 1, message: 'Orders of January to March' },
  { commit: 'b4b287b89796', made: '2026-11-25 02:50:18', files: 12, message: '' },
];

it('aligns numbers to the right and text to the left, one row a line where there is room', () => {
  expect(table(ROWS, 'none', Number.POSITIVE_INFINITY).split('\n')).toEqual([
    'commit        made                 files  message',
    '988c86eaeeb1  2026-11-25 02:50:19      1  Orders of January to March',
    'b4b287b89796  2026-11-25 02:50:18     12  -',
  ]);
  expect(table([], 'Nothing yet.')).toBe('Nothing yet.');
});

it('goes on in further lines in a narrow terminal, and parts neither ids nor times', () => {
  expect(table(ROWS, 'none', 58).split('\n')).toEqual([
    'commit        made                 files  message',
    '988c86eaeeb1  2026-11-25 02:50:19      1  Orders of',
    '                                          January to March',
    'b4b287b89796  2026-11-25 02:50:18     12  -',
  ]);
});

it('makes a block of each row where the columns cannot fit', () => {
  expect(table(ROWS, 'none', 40)).toBe(
    [
      'commit   988c86eaeeb1\nmade     2026-11-25 02:50:19\nfiles    1\nmessage  Orders of January to March',
      'commit   b4b287b89796\nmade     2026-11-25 02:50:18\nfiles    12\nmessage  -',
    ].join('\n\n'),
  );
});

it('shortens digests, but not ids that commands ask for', () => {
  expect(short(`commit:orders/${COMMIT}`)).toBe('commit:orders/988c86eaeeb1');
  expect(short('run:903c0fb6ba57796236e846bcae4ab2b7')).toBe('run:903c0fb6ba57796236e846bcae4ab2b7');
  expect(shortActor('local:ann for pipeline-run:01a2109c815e724c9d1f9ce47bc0375b')).toBe(
    'local:ann for pipeline-run:01a2109c815e',
  );
});

it('counts and rounds for people', () => {
  expect([count(1, 'entry', 'entries'), count(0, 'entry', 'entries'), count(2, 'row')]).toEqual([
    '1 entry',
    '0 entries',
    '2 rows',
  ]);
  expect([figure(0.5352339), figure(1.0895e-7), figure(3000), figure(1234567.8)]).toEqual([
    '0.53523',
    '1.0895e-7',
    '3000',
    '1234568',
  ]);
});
