/** An ONNX graph under construction, as plain data. Ops and their attributes are those of the ONNX specification. */

export type OnnxElementType = 'float32' | 'int64' | 'string' | 'bool';

/** A value of the graph: a name, its element type, and its shape where a text names a dimension of any size. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly dims: readonly (number | string)[];
}

/** A constant. */
export type OnnxConstant = { readonly dims: readonly number[] } & (
  | { readonly type: 'float32'; readonly data: readonly number[] | Float32Array }
  | { readonly type: 'int64'; readonly data: readonly number[] }
  | { readonly type: 'string'; readonly data: readonly string[] }
);

/** Exactly one kind of value, as the specification of the op demands. */
export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly string: string }
  | { readonly floats: readonly number[] | Float32Array }
  | { readonly ints: readonly number[] | Int32Array }
  | { readonly strings: readonly string[] };

export interface OnnxNode {
  readonly op: string;
  readonly domain: OnnxDomain;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** '' is the standard ai.onnx. */
export type OnnxDomain = '' | 'ai.onnx.ml';

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly (OnnxConstant & { readonly name: string })[];
  readonly nodes: readonly OnnxNode[];
}

/**
 * Builds a graph node by node; every method returns the name of the value it made, to be fed to later nodes. The same
 * node or constant asked for twice is made once.
 *
 * @example
 * const graph = new OnnxGraphBuilder();
 * const x = graph.input({ name: 'x', type: 'float32', dims: ['N', 1] });
 * const doubled = graph.node('Add', [x, x]);
 * graph.output({ name: 'y', type: 'float32', dims: ['N', 1] }, doubled);
 * const bytes = await encodeOnnx(graph.build());
 */
export class OnnxGraphBuilder {
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #constants: (OnnxConstant & { readonly name: string })[] = [];
  readonly #nodes: OnnxNode[] = [];
  readonly #made = new Map<string, string>();

  input(value: OnnxValue): string {
    if (!this.#inputs.some(({ name }) => name === value.name)) this.#inputs.push(value);
    return value.name;
  }

  constant(constant: OnnxConstant): string {
    const key = `constant ${constant.type} ${constant.dims.join('x')} ${keyOf(constant.data)}`;
    return this.#once(key, (name) => this.#constants.push({ ...constant, name }));
  }

  /** A constant of one value, of shape [1]. */
  scalar(type: 'float32' | 'int64', value: number): string {
    return this.constant({ type, dims: [1], data: [value] });
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: OnnxDomain = '',
  ): string {
    const key = `node ${domain} ${op} ${inputs.join(' ')} ${keyOf(attributes)}`;
    return this.#once(key, (name) => this.#nodes.push({ op, domain, inputs, outputs: [name], attributes }));
  }

  /** Names a value as an output of the graph. */
  output(value: OnnxValue, from: string): void {
    this.#outputs.push(value);
    this.#nodes.push({ op: 'Identity', domain: '', inputs: [from], outputs: [value.name], attributes: {} });
  }

  build(): OnnxGraph {
    return { inputs: this.#inputs, outputs: this.#outputs, constants: this.#constants, nodes: this.#nodes };
  }

  #once(key: string, make: (name: string) => void): string {
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    // A name that no column has: inputs and outputs carry names that users gave.
    const name = `#${this.#made.size}`;
    make(name);
    this.#made.set(key, name);
    return name;
  }
}

/** JSON that tells NaN, the infinities and -0 apart. */
function keyOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number' && (!Number.isFinite(part) || Object.is(part, -0))
      ? `${part}${Object.is(part, -0)}`
      : part,
  );
}
