import { describe, expect, it } from 'vitest';
import { axisFigure, bytes, count, counted, figure, percent, pValue } from './numbers.ts';
import { day, instant, preciseInstant, span, timeAxisName, timeTick } from './times.ts';

describe('numbers', () => {
  it('separates thousands and keeps whole numbers whole', () => {
    expect(count(3_000_000)).toBe('3,000,000');
    expect(figure(1_234_567)).toBe('1,234,567');
    expect(counted(1, 'row')).toBe('1 row');
    expect(counted(0, 'entry', 'entries')).toBe('0 entries');
  });

  it.each([
    [0.673123, '0.6731'],
    [12.5, '12.5'],
    [-0.00123456, '−0.001235'],
    [1.2e-9, '1.200e−9'],
    [123456.789, '123,457'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '−∞'],
  ])('writes %s to four significant digits', (value, text) => expect(figure(value)).toBe(text));

  it('writes marks of an axis so that each is told from the next', () => {
    expect([69_514.005, 69_514.01].map((mark) => axisFigure(mark, 0.02))).toEqual(['69,514.005', '69,514.01']);
    expect([10.4515, 10.452].map((mark) => axisFigure(mark, 0.003))).toEqual(['10.4515', '10.452']);
    expect(axisFigure(0.25, 0.5)).toBe('0.25');
    expect(axisFigure(-7, 0)).toBe('−7');
  });

  it('writes shares as percentages and says when there is none', () => {
    expect(percent(0.2043)).toBe('20.4 %');
    expect(percent(-0.05, 0)).toBe('−5 %');
    expect(percent(Number.NaN)).toBe('n/a');
  });

  it.each([
    [914, '914 B'],
    [1434, '1.4 KiB'],
    [24_117_248, '23 MiB'],
    [1024 ** 4 * 2048, '2048 TiB'],
  ])('writes %d bytes in binary units', (value, text) => expect(bytes(value)).toBe(text));

  it('does not print digits of a p-value that say nothing', () => {
    expect(pValue(0.0312)).toBe('0.031');
    expect(pValue(1e-30)).toBe('< 0.0001');
  });
});

describe('times', () => {
  const at = Date.UTC(2001, 2, 14, 6, 30, 5);

  it('says that a time is in UTC', () => {
    expect(instant(at)).toBe('2001-03-14 06:30 UTC');
    expect(preciseInstant(at)).toBe('2001-03-14 06:30:05 UTC');
    expect(day(at)).toBe('2001-03-14');
  });

  it('names the month at every tick of an axis, and the year in the name of the axis', () => {
    expect(timeTick(Date.UTC(2001, 2, 5))).toBe('Mar 5');
    expect(timeTick(Date.UTC(2001, 3, 17))).toBe('Apr 17');
    expect(timeTick(Date.UTC(2001, 2, 14, 6, 30))).toBe('06:30');
    expect(timeTick(Date.UTC(2001, 2, 14, 6, 30, 15))).toBe('06:30:15');
    expect(timeAxisName([at, at + 1])).toBe('2001, UTC');
    expect(timeAxisName([Date.UTC(2002, 0, 1), Date.UTC(2002, 0, 1) - 1])).toBe('2001 to 2002, UTC');
    expect(timeAxisName([])).toBe('UTC');
  });

  it.each([
    [0.64, '640 µs'],
    [12.34, '12.3 ms'],
    [1500, '1.5 s'],
    [200_000, '3 min 20 s'],
    [119_999, '2 min'],
    [7_500_000, '2 h 5 min'],
    [86_400_000 * 4 + 3 * 3_600_000, '4 d 3 h'],
  ])('writes %d ms in the natural unit', (value, text) => expect(span(value)).toBe(text));
});
