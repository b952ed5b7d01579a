import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useSyncExternalStore } from 'react';
import { createClient } from '#sdk';
import { SignInForm } from './sign-in-form.tsx';
import { onTokenWanted, tokenWanted } from './token.ts';
import { TokenForm } from './token-form.tsx';

/** Asks without a token, so that the question is not itself refused for a wrong one. */
const plain = createClient({ baseUrl: '' });

/** Shows the page, or a form while the server asks who is there: for a user's name and password, or for its token. */
export function TokenGate({ children }: { readonly children: ReactNode }) {
  const wanted = useSyncExternalStore(onTokenWanted, tokenWanted);
  return wanted === 'no' ? children : <Form refused={wanted === 'wrong'} />;
}

function Form({ refused }: { readonly refused: boolean }) {
  const { data, isPending } = useQuery({ queryKey: ['auth', 'status'], queryFn: () => plain.auth.status() });
  if (isPending) return null;
  return data?.mode === 'basic' ? <SignInForm ended={refused} /> : <TokenForm refused={refused} />;
}
