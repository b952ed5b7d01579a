import type { Operation } from '#platform/operation';

/** A readable page of the operations: one section a domain, no scripts, works without a network. */
export function docsPage(operations: readonly Operation[], title: string): string {
  const groups = Map.groupBy(operations, (operation) => operation.id.slice(0, operation.id.indexOf('.')));
  const nav = [...groups.keys()].map((name) => `<a href="#${name}">${html(name)}</a>`).join(' ');
  const sections = [...groups].map(([name, members]) => section(name, members)).join('\n');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(title)}</title><style>${STYLE}</style></head><body><h1>${html(title)}</h1>
<p>Machine-readable: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p><nav>${nav}</nav>${sections}</body></html>`;
}

function section(name: string, operations: readonly Operation[]): string {
  return `<section id="${name}"><h2>${html(name)}</h2>${operations.map(entry).join('\n')}</section>`;
}

function entry(operation: Operation): string {
  return `<details id="${operation.id}"><summary><b>${operation.method}</b> <code>${html(operation.path)}</code> ${html(operation.summary)}</summary>
${operation.description ? `<p>${html(operation.description)}</p>` : ''}
${schemaBlock('Path', operation.params)}${schemaBlock('Query', operation.query)}${schemaBlock('Body', operation.body)}${schemaBlock('Answer', operation.response)}
${operation.errors?.length ? `<p>Errors: ${operation.errors.map((code) => `<code>${html(code)}</code>`).join(', ')}</p>` : ''}</details>`;
}

function schemaBlock(title: string, schema: unknown): string {
  if (schema === undefined) return '';
  if (typeof schema === 'string') return `<p>${title}: ${html(schema)}</p>`;
  return `<h4>${title}</h4>${render(schema as Schema, 0)}`;
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

function render(schema: Schema, level: number): string {
  const inner = schema.items ?? schema;
  if (!inner.properties || level > 3) return `<p><i>${html(typeName(schema))}</i></p>`;
  const rows = Object.entries(inner.properties).map(([name, property]) => {
    const nested = (property.items ?? property).properties ? render(property, level + 1) : '';
    const required = inner.required?.includes(name) ? '' : ' <small>optional</small>';
    return `<li><code>${html(name)}</code> <i>${html(typeName(property))}</i>${required} ${html(property.description ?? '')}${nested}</li>`;
  });
  return `<ul>${rows.join('')}</ul>`;
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeName).join(' | ');
  if (schema.items) return `${typeName(schema.items)}[]`;
  return schema.type ?? 'any';
}

function html(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
nav a{margin-right:.8rem}summary{cursor:pointer;padding:.25rem 0}details{border-bottom:1px solid #8883;padding:.15rem 0}
summary b{display:inline-block;min-width:4.5rem;font:600 12px ui-monospace,monospace}ul{margin:.2rem 0 .6rem;padding-left:1.2rem}h4{margin:.5rem 0 0}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}h2{margin-top:2rem;text-transform:capitalize}`;
