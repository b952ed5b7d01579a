import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { EndpointSignature } from '#contract';
import { client } from '../../app/client.ts';
import { currentToken } from '../../app/token.ts';
import { figure } from '../../format/numbers.ts';
import { span } from '../../format/times.ts';
import { Answer, Failure } from '../../parts/answer.tsx';
import { Command } from '../../parts/command.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Panel } from '../../parts/panel.tsx';
import { versionLink } from '../../parts/reference.tsx';
import { parseRow, textOf } from './row.ts';

/** A form made from the signature of the endpoint, filled with a row that it accepts. */
export function TryIt({ endpoint }: { readonly endpoint: string }) {
  const signature = useQuery({
    queryKey: ['serving', 'signature', endpoint],
    queryFn: () => client.serving.getSignature({ params: { endpoint } }),
  });
  return (
    <Panel title="Try it" note="a try is logged like any prediction">
      <Answer query={signature} heightPx={260}>
        {(known) => <Form endpoint={endpoint} signature={known} />}
      </Answer>
    </Panel>
  );
}

function Form({ endpoint, signature }: { readonly endpoint: string; readonly signature: EndpointSignature }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(
      signature.inputs.map((input) => [input.name, textOf(signature.example[input.name], input.type)]),
    ),
  );
  const queries = useQueryClient();
  const predict = useMutation({
    mutationFn: () =>
      client.serving.predict({ params: { endpoint }, body: { rows: [parseRow(signature.inputs, texts)] } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['serving', 'predictions', endpoint] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    predict.mutate();
  };
  const prediction = predict.data?.predictions[0];
  return (
    <form onSubmit={submit} className="stack" noValidate>
      <div className="columns" style={{ ['--column' as string]: '180px', gap: 12 }}>
        {signature.inputs.map((input) => (
          <TextInput
            key={input.name}
            label={input.name}
            description={`${input.type === 'timestamp' ? 'time, UTC' : input.type}${input.nullable ? ', may be empty' : ''}`}
            inputMode={input.type === 'number' ? 'decimal' : 'text'}
            value={texts[input.name] ?? ''}
            onChange={(event) => setTexts({ ...texts, [input.name]: event.currentTarget.value })}
          />
        ))}
      </div>
      <div>
        <Button type="submit" loading={predict.isPending}>
          Predict
        </Button>
      </div>
      <div aria-live="polite">
        {predict.error && <Failure error={predict.error} />}
        {prediction && (
          <Facts
            facts={[
              { label: signature.output, value: figure(prediction.value), large: true },
              { label: 'Answered by', value: prediction.variant },
              { label: 'Version', value: versionLink(prediction.version) },
              { label: 'Latency', value: span(predict.data?.latencyMs ?? 0) },
            ]}
          />
        )}
      </div>
      <div>
        <p className="small dimmed" style={{ marginBottom: 6 }}>
          From a terminal
        </p>
        <Command text={withToken(signature.curl)} />
      </div>
    </form>
  );
}

/** The command for a server that wants a token reads it from the environment, as the command line does. */
function withToken(curl: string): string {
  return currentToken() === null ? curl : curl.replace(/^curl /, 'curl -H "authorization: Bearer $TRIMTAB_TOKEN" ');
}
