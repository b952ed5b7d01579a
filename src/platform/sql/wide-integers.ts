import {
  DataTypeNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely';

/**
 * A column of `integer` holds 64 bits on PostgreSQL as it does on SQLite. With 32 a number that a caller made up, far
 * beyond any version or revision, would fail the comparison instead of finding nothing.
 */
export class WideIntegers implements KyselyPlugin {
  readonly #transformer = new Widener();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    const declares = node.kind === 'CreateTableNode' || node.kind === 'AlterTableNode';
    return declares ? this.#transformer.transformNode(node, queryId) : node;
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class Widener extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    return node.dataType === 'integer' ? DataTypeNode.create('bigint') : node;
  }
}
