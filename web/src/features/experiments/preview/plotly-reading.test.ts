import { expect, it } from 'vitest';
import { inColours, readFigure } from './plotly-reading.ts';

it('draws what it can, and says what it cannot', () => {
  const data = [{ y: [1] }, { type: 'scattergl', y: [2] }, { type: 'scatter3d' }, { type: 'scatter3d' }, 'not a trace'];
  const { traces, undrawable, layout } = readFigure({ data, layout: { title: 'x' } });
  expect(traces.map(({ type }) => type)).toEqual(['scatter', 'scatter']);
  expect(undrawable).toEqual(['scatter3d']);
  expect(layout).toEqual({ title: 'x' });
  expect(readFigure(null)).toEqual({ traces: [], layout: {}, undrawable: [] });
});

it('has the colours of the page where a figure says none', () => {
  const colours = { text: '#111', line: '#ccc', series: ['#00f'] };
  const layout = {
    paper_bgcolor: 'red',
    template: { layout: { colorway: ['#0f0'], font: { size: 9, color: '#222' } } },
  };
  expect(inColours(layout, colours)).toMatchObject({
    paper_bgcolor: 'red',
    template: {
      layout: { colorway: ['#0f0'], font: { size: 9, color: '#111' }, plot_bgcolor: 'rgba(0, 0, 0, 0)' },
    },
  });
  expect(inColours({}, colours)).toMatchObject({ template: { layout: { colorway: ['#00f'] } } });
});
