import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '#sdk';
import { Failure } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { client } from './client.ts';
import { acceptToken, tryToken } from './token.ts';

// What a header can carry.
const TOKEN = /^[\x21-\x7e]+$/;

/** Asks for the one token of a server. */
export function TokenForm({ refused }: { readonly refused: boolean }) {
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const attempt = useMutation({
    mutationFn: async (text: string) => {
      tryToken(text);
      await client.server.info();
    },
    onSuccess: () => {
      // What was refused without the token is asked for anew.
      queries.clear();
      acceptToken();
    },
  });
  const readable = TOKEN.test(token.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (readable) attempt.mutate(token.trim());
  };
  const other = attempt.error instanceof ApiError && attempt.error.status === 403 ? null : attempt.error;
  return (
    <main className="token-gate">
      <Page
        title="This server needs a token"
        lede="It was started with one. Whoever runs the server can give it to you."
      >
        <div className="panel">
          <form className="panel-body stack" onSubmit={submit}>
            <TextInput
              label="Token"
              description="Kept until this tab is closed"
              type="password"
              autoComplete="current-password"
              autoFocus
              spellCheck={false}
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              error={wordsOf({ token, readable, refused: refused && !attempt.isPending })}
            />
            <div>
              <Button type="submit" loading={attempt.isPending} disabled={!readable}>
                Open the page
              </Button>
            </div>
            {other && <Failure error={other} />}
          </form>
        </div>
      </Page>
    </main>
  );
}

interface Given {
  readonly token: string;
  readonly readable: boolean;
  readonly refused: boolean;
}

function wordsOf({ token, readable, refused }: Given): string | undefined {
  if (token !== '' && !readable) return 'A token is made of ASCII letters, digits and signs, without spaces.';
  return refused
    ? 'The server did not take this token. Compare it with the one the server was started with.'
    : undefined;
}
