import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { AuditVerification } from '#contract';
import { client } from '../../app/client.ts';
import { count, counted } from '../../format/numbers.ts';
import { preciseInstant } from '../../format/times.ts';
import { Answer, Failure } from '../../parts/answer.tsx';
import { Command } from '../../parts/command.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';

/** The head of the log, and a button that has the server read all of it. */
export function Verify() {
  const checkpoint = useQuery({
    queryKey: ['governance', 'checkpoint'],
    queryFn: () => client.governance.getCheckpoint(),
  });
  const verify = useMutation({ mutationFn: () => client.governance.verifyAudit({}) });
  return (
    <Panel
      title="Integrity"
      note={
        <Button onClick={() => verify.mutate()} loading={verify.isPending} variant="default">
          Verify the whole log
        </Button>
      }
    >
      <div className="stack">
        <div role="status">
          {verify.data && <Result verification={verify.data} />}
          {verify.error && <Failure error={verify.error} />}
        </div>
        <Answer query={checkpoint} heightPx={60}>
          {(head) => (
            <>
              <Facts
                facts={[
                  { label: 'Entries', value: count(head.sequence), large: true },
                  { label: 'Read', value: preciseInstant(head.atMs) },
                ]}
              />
              <div>
                <p className="small dimmed" style={{ marginBottom: 6 }}>
                  Digest of the newest entry. Keep it elsewhere: a later verification can be held against it.
                </p>
                <Command text={head.digest} />
              </div>
            </>
          )}
        </Answer>
      </div>
    </Panel>
  );
}

function Result({ verification }: { readonly verification: AuditVerification }) {
  const { ok, entries, problem } = verification;
  return (
    <div className="notice" data-tone={ok ? 'ok' : 'failed'}>
      <div className="row">
        <Status tone={ok ? 'ok' : 'failed'}>{ok ? 'In order' : 'Broken'}</Status>
        <span>
          {ok
            ? `${counted(entries, 'entry', 'entries')} read: none was changed, removed or put elsewhere.`
            : `${counted(entries, 'entry', 'entries')} read. Entry ${problem?.sequence ?? '?'}: ${problem?.words ?? 'not in order'}`}
        </span>
      </div>
    </div>
  );
}
