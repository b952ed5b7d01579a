import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOnnx, loadOnnx, OnnxGraphBuilder } from './index.ts';

describe('a graph written here and run by ONNX Runtime', () => {
  it('reads text, numbers and instants, and answers as the specification of its ops says', async () => {
    const graph = new OnnxGraphBuilder();
    const from = graph.input({ name: 'from', type: 'string', dims: ['N', 1] });
    const to = graph.input({ name: 'to', type: 'string', dims: ['N', 1] });
    const at = graph.input({ name: 'at', type: 'int64', dims: ['N', 1] });
    const miles = graph.input({ name: 'miles', type: 'float32', dims: ['N', 1] });
    const dash = graph.constant({ type: 'string', dims: [1], data: ['-'] });
    const route = graph.node('StringConcat', [graph.node('StringConcat', [from, dash]), to]);
    const rate = graph.node(
      'LabelEncoder',
      [route],
      {
        keys_strings: { strings: ['A-B', 'Ü-B'] },
        values_floats: { floats: [0.25, 0.5] },
        default_float: { float: 9 },
      },
      'ai.onnx.ml',
    );
    const msOfDay = graph.node('Mod', [at, graph.scalar('int64', 86_400_000)]);
    const hour = graph.node('Cast', [graph.node('Div', [msOfDay, graph.scalar('int64', 3_600_000)])], {
      to: { int: 1 },
    });
    const all = graph.node('Concat', [rate, hour, miles], { axis: { int: 1 } });
    graph.output({ name: 'features', type: 'float32', dims: ['N', 3] }, all);

    const session = await loadOnnx(await encodeOnnx(graph.build(), { metadata: { made: 'here' } }));
    expect(session.inputs.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'from:string',
      'to:string',
      'at:int64',
      'miles:float32',
    ]);
    expect(session.outputs).toEqual([{ name: 'features', type: 'float32' }]);
    const dims = [3, 1];
    const { features } = await session.run({
      from: { type: 'string', data: ['A', 'Ü', 'C'], dims },
      to: { type: 'string', data: ['B', 'B', 'B'], dims },
      at: { type: 'int64', data: BigInt64Array.of(0n, 82_800_000n, -1n), dims },
      miles: { type: 'float32', data: Float32Array.of(1, 2, Number.NaN), dims },
    });
    expect(features?.dims).toEqual([3, 3]);
    expect(features?.data).toEqual(Float32Array.of(0.25, 0, 1, 0.5, 23, 2, 9, 23, Number.NaN));
    await session.release();
  });

  it('keeps every float32 constant bit by bit, and integers beyond 32 bits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.float({ noNaN: true }), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), async (float, int) => {
        const graph = new OnnxGraphBuilder();
        const x = graph.input({ name: 'x', type: 'float32', dims: [1] });
        const i = graph.input({ name: 'i', type: 'int64', dims: [1] });
        graph.output(
          { name: 'float', type: 'float32', dims: [1] },
          graph.node('Add', [x, graph.scalar('float32', float)]),
        );
        graph.output({ name: 'int', type: 'int64', dims: [1] }, graph.node('Add', [i, graph.scalar('int64', int)]));
        const session = await loadOnnx(await encodeOnnx(graph.build()));
        const result = await session.run({
          x: { type: 'float32', data: Float32Array.of(0), dims: [1] },
          i: { type: 'int64', data: BigInt64Array.of(0n), dims: [1] },
        });
        expect(result.float?.data).toEqual(Float32Array.of(float + 0));
        expect(result.int?.data).toEqual(BigInt64Array.of(BigInt(int)));
        await session.release();
      }),
      { numRuns: 25 },
    );
  });

  it('makes the same node once', () => {
    const graph = new OnnxGraphBuilder();
    const x = graph.input({ name: 'x', type: 'float32', dims: [1] });
    expect(graph.node('Abs', [x])).toBe(graph.node('Abs', [x]));
    expect(graph.node('Neg', [x])).not.toBe(graph.node('Abs', [x]));
    expect(graph.build().nodes).toHaveLength(2);
    expect(graph.scalar('float32', Number.NaN)).not.toBe(graph.scalar('float32', Number.POSITIVE_INFINITY));
    expect(graph.scalar('float32', -0)).not.toBe(graph.scalar('float32', 0));
  });
});

describe('what is no model', () => {
  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('PAR1 is no ONNX')],
  ])('is refused by a typed error: %s', async (_, bytes) => {
    await expect(loadOnnx(bytes)).rejects.toMatchObject({ code: 'ONNX_MODEL_INVALID', kind: 'invalid' });
  });

  it('is refused when it is cut short', async () => {
    const graph = new OnnxGraphBuilder();
    const x = graph.input({ name: 'x', type: 'float32', dims: [1] });
    graph.output({ name: 'y', type: 'float32', dims: [1] }, graph.node('Abs', [x]));
    const bytes = await encodeOnnx(graph.build());
    await expect(loadOnnx(bytes.slice(0, bytes.length - 7))).rejects.toMatchObject({ code: 'ONNX_MODEL_INVALID' });
  });

  it('refuses feeds that do not fit, and stays usable', async () => {
    const graph = new OnnxGraphBuilder();
    const x = graph.input({ name: 'x', type: 'float32', dims: ['N', 1] });
    graph.output({ name: 'y', type: 'float32', dims: ['N', 1] }, graph.node('Abs', [x]));
    const session = await loadOnnx(await encodeOnnx(graph.build()));
    await expect(session.run({ x: { type: 'string', data: ['a'], dims: [1, 1] } })).rejects.toThrow(/string/i);
    await expect(session.run({})).rejects.toThrow(/x/);
    const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(-2), dims: [1, 1] } });
    expect(y?.data).toEqual(Float32Array.of(2));
    await session.release();
  });
});
