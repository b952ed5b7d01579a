import { useMutation, useQuery } from '@tanstack/react-query';
import { instant } from '../format/times.ts';
import { client } from './client.ts';
import type { Connection } from './live.ts';
import { currentToken, forgetToken } from './token.ts';

const WORDS: Readonly<Record<Connection, { text: string; tone: string }>> = {
  connecting: { text: 'Connecting', tone: 'neutral' },
  live: { text: 'Live', tone: 'ok' },
  lost: { text: 'No connection, retrying', tone: 'failed' },
};

/** Which server this is, which time it lives in, and whether changes arrive by themselves. */
export function ServerFacts({ connection }: { readonly connection: Connection }) {
  const info = useQuery({
    queryKey: ['server', 'info'],
    queryFn: () => client.server.info(),
    refetchInterval: (query) => (query.state.data?.timeline.simulated ? 5_000 : 60_000),
  });
  const words = WORDS[connection];
  return (
    <div className="small dimmed" style={{ display: 'grid', gap: 4 }}>
      <div role="status">
        <span className="status" data-tone={words.tone}>
          {words.text}
        </span>
      </div>
      {info.data && (
        <>
          <div>
            {instant(info.data.timeline.nowMs)}
            {info.data.timeline.simulated && ' · simulated clock'}
          </div>
          <div>
            {info.data.name} {info.data.version} · <a href="/docs">API</a>
          </div>
        </>
      )}
      {currentToken() !== null && <Leave />}
    </div>
  );
}

/** Who is signed in, with the way out; or, where there are no users, the way to forget the token. */
function Leave() {
  const me = useQuery({ queryKey: ['auth', 'me'], queryFn: () => client.auth.me() });
  // Also when the server cannot be told, this tab is to forget.
  const leave = useMutation({ mutationFn: () => client.auth.signOut(), onSettled: forgetToken });
  if (!me.data) return null;
  const { user, mode } = me.data;
  return (
    <div>
      {user && `${user.name} · `}
      <button type="button" className="link-button" onClick={() => leave.mutate()}>
        {mode === 'basic' ? 'Sign out' : 'Forget the token'}
      </button>
    </div>
  );
}
