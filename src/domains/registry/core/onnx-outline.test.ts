import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeOnnx, OnnxGraphBuilder } from '#platform/onnx';
import { onnxProblem } from './onnx-outline.ts';

function problemOf(bytes: Uint8Array): Promise<string | undefined> {
  return onnxProblem(bytes.length, async (start, end) => bytes.subarray(start, end));
}

async function model(): Promise<Uint8Array> {
  const graph = new OnnxGraphBuilder();
  const x = graph.input({ name: 'x', type: 'float32', dims: ['N', 1] });
  const weights = graph.constant({ type: 'float32', dims: [1000], data: new Float32Array(1000) });
  graph.output({ name: 'y', type: 'float32', dims: ['N', 1000] }, graph.node('Add', [x, weights]));
  return encodeOnnx(graph.build(), { metadata: { made: 'here' } });
}

it('knows an ONNX file, and reads little of it', async () => {
  const bytes = await model();
  let read = 0;
  const problem = await onnxProblem(bytes.length, async (start, end) => {
    read += end - start;
    return bytes.subarray(start, end);
  });
  expect(problem).toBeUndefined();
  expect(read).toBeLessThan(bytes.length / 10);
});

it('knows a truncated file wherever it was cut', async () => {
  const bytes = await model();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (length) => {
      // A cut between two outermost fields leaves a well-formed message, but one without its end; only where the
      // graph is still whole is it another complete file.
      const problem = await problemOf(bytes.subarray(0, length));
      if (problem === undefined) expect(await endsBetweenFields(bytes, length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

async function endsBetweenFields(bytes: Uint8Array, length: number): Promise<boolean> {
  const starts: number[] = [];
  await onnxProblem(bytes.length, async (start, end) => {
    starts.push(start);
    return bytes.subarray(start, end);
  });
  return starts.includes(length);
}

it.each([
  ['nothing', ''],
  ['text', 'date,delay,distance\n2001-01-01,5,500\n'],
  ['JSON', '{"weights":[1,2,3]}'],
  ['a pickle', '\x80\x04\x95\x10\x00\x00\x00'],
  ['Parquet', 'PAR1\x15\x04\x15\x10'],
  ['a message without a graph', '\x08\x08\x12\x04here'],
  ['a tag without a value', '\x08'],
  ['an endless number', `\x08${'\xff'.repeat(20)}`],
])('refuses %s', async (_, text) => {
  expect(await problemOf(Buffer.from(text, 'latin1'))).toMatch(/is no ONNX file|is truncated/);
});
