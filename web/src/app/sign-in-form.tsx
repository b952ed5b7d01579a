import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, createClient } from '#sdk';
import { Failure } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { acceptToken, tryToken } from './token.ts';

/** Asks without a token: that of a session that has ended would be refused before the password is looked at. */
const plain = createClient({ baseUrl: '' });

/** Asks for the name and the password of a user. What is kept of them is the token of a session. */
export function SignInForm({ ended }: { readonly ended: boolean }) {
  const queries = useQueryClient();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const attempt = useMutation({
    mutationFn: (body: { readonly user: string; readonly password: string }) => plain.auth.signIn({ body }),
    onSuccess: ({ token }) => {
      tryToken(token);
      // What was refused before is asked for anew, and what another user saw is forgotten.
      queries.clear();
      acceptToken();
    },
  });
  const complete = user.trim() !== '' && password !== '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) attempt.mutate({ user: user.trim(), password });
  };
  const refused = attempt.error instanceof ApiError && attempt.error.status === 401;
  return (
    <main className="token-gate">
      <Page
        title="Sign in"
        lede={ended ? 'Your session has ended.' : 'This server knows its users. An administrator can make you one.'}
      >
        <div className="panel">
          <form className="panel-body stack" onSubmit={submit}>
            <TextInput
              label="Name"
              autoComplete="username"
              autoCapitalize="none"
              autoFocus
              spellCheck={false}
              value={user}
              onChange={(event) => setUser(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              description="You stay signed in for 12 hours, or until this tab is closed"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={refused && !attempt.isPending ? 'This name and this password do not belong together.' : undefined}
            />
            <div>
              <Button type="submit" loading={attempt.isPending} disabled={!complete}>
                Sign in
              </Button>
            </div>
            {attempt.error && !refused && <Failure error={attempt.error} />}
          </form>
        </div>
      </Page>
    </main>
  );
}
