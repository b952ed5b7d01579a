import { Button, Select } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataSchema, FileEntry, RuleResult, ValidationReport } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { span } from '../../format/times.ts';
import { Answer, Failure } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { CellTable } from './cell-table.tsx';

interface ValidationPanelProps {
  readonly repository: string;
  readonly commit: string;
  readonly entry: FileEntry;
  readonly schemas: readonly string[];
}

/** Whether a table is as its schema says: the report of the schema that the commit holds, or of a proposed one. */
export function ValidationPanel(props: ValidationPanelProps) {
  const { schemas, entry } = props;
  const [chosen, setChosen] = useState(schemas[0]);
  if (entry.path.startsWith('quarantine/')) return null;
  if (chosen === undefined) return <Proposed {...props} />;
  return (
    <Panel
      title="Validation"
      note={
        schemas.length > 1 ? (
          <Select
            size="xs"
            aria-label="Schema"
            data={[...schemas]}
            value={chosen}
            onChange={(value) => setChosen(value ?? schemas[0])}
          />
        ) : (
          `against ${chosen}`
        )
      }
      flush
    >
      <Stored {...props} schema={chosen} />
    </Panel>
  );
}

function Stored(props: ValidationPanelProps & { readonly schema: string }) {
  const { repository, commit, entry, schema } = props;
  const name = schema.replace(/^schemas\/|\.json$/g, '');
  const [anyway, setAnyway] = useState(false);
  const stored = useQuery({
    queryKey: ['data', 'schema', repository, commit, name],
    queryFn: () => client.data.getSchema({ params: { repository, schema: name }, query: { ref: commit } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answer query={stored} heightPx={200}>
      {(known) => {
        const missing = missingColumns(known.schema, entry);
        if (missing.length === 0 || anyway) return <Checked {...props} />;
        return (
          <div className="row" style={{ padding: '0 16px 16px' }}>
            <span className="dimmed">
              {schema} describes another table: this one has no {missing.join(', ')}.
            </span>
            <Button variant="default" onClick={() => setAnyway(true)}>
              Check it anyway
            </Button>
          </div>
        );
      }}
    </Answer>
  );
}

/** Columns that a schema asks for and a table lacks. */
function missingColumns(schema: DataSchema, entry: FileEntry): string[] {
  const names = new Set(entry.table?.columns.map((column) => column.name));
  return schema.columns.filter((column) => column.required && !names.has(column.name)).map((column) => column.name);
}

function Checked({ repository, commit, entry, schema }: ValidationPanelProps & { readonly schema: string }) {
  const answer = useQuery({
    queryKey: ['data', 'validation', repository, entry.object, schema, commit],
    queryFn: () =>
      client.data.validate({ params: { repository }, body: { ref: commit, path: entry.path, schemaPath: schema } }),
    // A report belongs to the content and the schema, which never change.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answer query={answer} heightPx={200}>
      {(report) => <Report report={report} />}
    </Answer>
  );
}

function Proposed({ repository, commit, entry }: ValidationPanelProps) {
  const propose = useMutation({
    mutationFn: async () => {
      const at = { ref: commit, path: entry.path };
      const schema = await client.data.inferSchema({ params: { repository }, body: at });
      return client.data.validate({ params: { repository }, body: { ...at, schema } });
    },
  });
  return (
    <Panel
      title="Validation"
      note={
        <Button variant="default" onClick={() => propose.mutate()} loading={propose.isPending}>
          Propose a schema and check it
        </Button>
      }
      flush
    >
      <div aria-live="polite">
        {propose.data ? (
          <Report report={propose.data} />
        ) : (
          <p className="dimmed" style={{ padding: '0 16px 16px' }}>
            This commit holds no schema to check the table against. One can be proposed from the table itself; it is
            kept only when it is committed with trimtab data.
          </p>
        )}
        {propose.error && (
          <div style={{ padding: '0 16px 16px' }}>
            <Failure error={propose.error} />
          </div>
        )}
      </div>
    </Panel>
  );
}

function Report({ report }: { readonly report: ValidationReport }) {
  const failed = report.rules.filter((rule) => rule.failedRows > 0 || !rule.passed);
  return (
    <>
      <div className="row" style={{ padding: '0 16px 12px' }}>
        <Status tone={report.passed ? 'ok' : 'failed'}>{report.passed ? 'passed' : 'failed'}</Status>
        <span>
          {counted(report.failedRows, 'row')} of {count(report.rows)} break a rule
          {report.warnedRows > 0 && `, ${counted(report.warnedRows, 'row')} break one that only warns`}.{' '}
          {counted(report.rules.length, 'rule')} checked in {span(report.tookMs)}.
        </span>
      </div>
      <Rules rules={report.rules} />
      {failed.map((rule) => (
        <FailingRows key={rule.rule} rule={rule} />
      ))}
    </>
  );
}

function Rules({ rules }: { readonly rules: readonly RuleResult[] }) {
  return (
    <DataTable
      label="Rules"
      rows={rules}
      rowKey={(rule) => `${rule.rule} ${rule.severity}`}
      limit={12}
      columns={[
        { id: 'rule', header: 'Rule', sort: (rule) => rule.rule, cell: (rule) => rule.rule },
        { id: 'passed', header: 'State', cell: (rule) => <RuleStatus rule={rule} /> },
        {
          id: 'rows',
          header: 'Failing rows',
          align: 'number',
          sort: (rule) => rule.failedRows,
          cell: (rule) => count(rule.failedRows),
        },
        { id: 'words', header: 'What was expected and found', long: true, cell: (rule) => rule.words },
      ]}
    />
  );
}

function RuleStatus({ rule }: { readonly rule: RuleResult }) {
  if (rule.passed) return <Status tone="ok">passed</Status>;
  return <Status tone={rule.severity === 'error' ? 'failed' : 'warning'}>{rule.severity}</Status>;
}

function FailingRows({ rule }: { readonly rule: RuleResult }) {
  if (rule.examples.length === 0) return null;
  return (
    <details className="disclosure small" style={{ padding: '10px 16px 4px' }}>
      <summary>
        Rows that break {rule.rule} ({rule.examples.length} of {count(rule.failedRows)})
      </summary>
      <CellTable label={`Rows that break ${rule.rule}`} rows={rule.examples} highlight={rule.column} />
    </details>
  );
}
