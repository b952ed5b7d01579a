import { useQuery } from '@tanstack/react-query';
import type { RunDiff } from '#contract';
import { client } from '../../app/client.ts';
import { counted } from '../../format/numbers.ts';
import { Answer } from '../../parts/answer.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Panel } from '../../parts/panel.tsx';

interface CodeAndEnvironmentProps {
  readonly left: string;
  readonly right: string;
}

/** What two runs differ in besides params and metrics: code that they stored, and packages. */
export function CodeAndEnvironment({ left, right }: CodeAndEnvironmentProps) {
  const answer = useQuery({
    queryKey: ['tracking', 'diff', left, right],
    queryFn: () => client.tracking.diffRuns({ body: { left, right } }),
  });
  return (
    <Answer query={answer} heightPx={160}>
      {({ code, environment }) => (
        <div className="columns">
          <Code code={code} />
          <Environment environment={environment} />
        </div>
      )}
    </Answer>
  );
}

function Code({ code }: Pick<RunDiff, 'code'>) {
  const differing = code.source.filter(({ differs }) => differs);
  const isAlike = differing.length === 0 && code.files.length === 0;
  return (
    <Panel title="Code" note={`${counted(code.same, 'stored file')} the same`}>
      {isAlike && (
        <p className="dimmed">
          {code.source.length === 0 && code.left + code.right === 0
            ? 'Neither run tells which code it ran.'
            : 'Nothing differs in what the runs tell about their code.'}
        </p>
      )}
      <dl className="value">
        {differing.map(({ fact, left, right }) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd className="mono">
              {left ?? 'not told'} → {right ?? 'not told'}
            </dd>
          </div>
        ))}
      </dl>
      {code.compareUrl !== null && (
        <p>
          <a href={code.compareUrl} rel="noreferrer" target="_blank">
            The commits side by side
          </a>
        </p>
      )}
      <Files files={code.files} />
      {code.truncated && <p className="small dimmed">There are more files than are compared.</p>}
    </Panel>
  );
}

function Environment({ environment }: Pick<RunDiff, 'environment'>) {
  const { left, right, packages, same, files } = environment;
  if (left.packages + right.packages === 0) {
    return (
      <Panel title="Environment">
        <p className="dimmed">Neither run stored its packages.</p>
      </Panel>
    );
  }
  return (
    <Panel title="Environment" note={`${counted(same, 'package')} the same`}>
      {packages.length === 0 ? (
        <p className="dimmed">No package differs.</p>
      ) : (
        <DataTable
          label="Packages that differ"
          rows={packages}
          rowKey={({ ecosystem, name }) => `${ecosystem} ${name}`}
          limit={20}
          columns={[
            {
              id: 'name',
              header: 'Package',
              sort: ({ name }) => name,
              cell: ({ ecosystem, name }) => (
                <>
                  {name} <span className="small dimmed">{ecosystem}</span>
                </>
              ),
            },
            { id: 'left', header: 'First run', cell: (one) => one.left ?? <span className="dimmed">without</span> },
            { id: 'right', header: 'Second run', cell: (one) => one.right ?? <span className="dimmed">without</span> },
          ]}
        />
      )}
      <Files files={files} />
    </Panel>
  );
}

function Files({ files }: Pick<RunDiff['code'], 'files'>) {
  return files.map(({ path, difference, patch, addedLines, removedLines, problem }) => (
    <details key={path} className="disclosure">
      <summary>
        <span className="mono">{path}</span> {difference}, +{addedLines} −{removedLines}
      </summary>
      {patch === null ? (
        <p className="small dimmed">{problem}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className="log" aria-label={`Changes of ${path}`} tabIndex={0}>
          <pre>{patch}</pre>
        </section>
      )}
    </details>
  ));
}
