import type { OnnxAttribute, OnnxConstant, OnnxElementType, OnnxGraph, OnnxNode, OnnxValue } from './graph.ts';

/** What is said about a model beside its graph. */
export interface OnnxModelInfo {
  readonly producer?: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Versions of the operator sets that encoded models ask for. IR version 9 came with ai.onnx 20. */
const IR_VERSION = 9;
const OPSETS = [
  { domain: '', version: 20 },
  { domain: 'ai.onnx.ml', version: 3 },
];

/** Writes a graph as the bytes of an ONNX file. */
export async function encodeOnnx(graph: OnnxGraph, info: OnnxModelInfo = {}): Promise<Uint8Array> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const modelProto = protobuf.Root.fromJSON(SCHEMA).lookupType('ModelProto');
  const message = {
    irVersion: IR_VERSION,
    producerName: info.producer ?? 'trimtab',
    docString: info.description ?? '',
    opsetImport: OPSETS,
    metadataProps: Object.entries(info.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'model',
      node: graph.nodes.map(nodeProto),
      initializer: graph.constants.map(tensorProto),
      input: graph.inputs.map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  };
  return modelProto.encode(message).finish();
}

function nodeProto(node: OnnxNode, index: number) {
  return {
    name: `${node.op}_${index}`,
    opType: node.op,
    domain: node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, attribute]) => ({ name, ...attributeProto(attribute) })),
  };
}

/** `type` holds AttributeProto.AttributeType. */
function attributeProto(attribute: OnnxAttribute) {
  if ('float' in attribute) return { f: attribute.float, type: 1 };
  if ('int' in attribute) return { i: attribute.int, type: 2 };
  if ('string' in attribute) return { s: utf8(attribute.string), type: 3 };
  if ('floats' in attribute) return { floats: attribute.floats, type: 6 };
  if ('ints' in attribute) return { ints: attribute.ints, type: 7 };
  return { strings: attribute.strings.map(utf8), type: 8 };
}

/** TensorProto.DataType. */
const DATA_TYPE: Readonly<Record<OnnxElementType, number>> = { float32: 1, int64: 7, string: 8, bool: 9 };

function tensorProto(constant: OnnxConstant & { readonly name: string }) {
  const head = { name: constant.name, dims: constant.dims, dataType: DATA_TYPE[constant.type] };
  if (constant.type === 'float32') return { ...head, floatData: constant.data };
  if (constant.type === 'int64') return { ...head, int64Data: constant.data };
  return { ...head, stringData: constant.data.map(utf8) };
}

function valueProto(value: OnnxValue) {
  const dim = value.dims.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name: value.name, type: { tensorType: { elemType: DATA_TYPE[value.type], shape: { dim } } } };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' });

/** The part of onnx.proto that is written here, with its field numbers (onnx.ai, IR specification). */
const SCHEMA = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        docString: field(6, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: repeated(8, 'OperatorSetIdProto'),
        metadataProps: repeated(14, 'StringStringEntryProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    GraphProto: {
      fields: {
        node: repeated(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: repeated(5, 'TensorProto'),
        input: repeated(11, 'ValueInfoProto'),
        output: repeated(12, 'ValueInfoProto'),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'AttributeProto'),
        domain: field(7, 'string'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        floats: repeated(7, 'float'),
        ints: repeated(8, 'int64'),
        strings: repeated(9, 'bytes'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated(1, 'int64'),
        dataType: field(2, 'int32'),
        floatData: repeated(4, 'float'),
        stringData: repeated(6, 'bytes'),
        int64Data: repeated(7, 'int64'),
        name: field(8, 'string'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: repeated(1, 'DimensionProto') } },
    DimensionProto: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
};
