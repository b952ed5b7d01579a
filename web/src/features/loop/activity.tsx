import { useQuery } from '@tanstack/react-query';
import { client } from '../../app/client.ts';
import { Status } from '../../parts/status.tsx';

const POLL_MS = 3_000;

/** What the server is busy with, such as the stage a demo has reached; nothing while it is idle. */
export function Activity() {
  const activity = useQuery({
    queryKey: ['server', 'activity'],
    queryFn: () => client.server.activity(),
    // An idle server says by an event that it is no longer; when it has come to rest it does not.
    refetchInterval: (query) => (query.state.data?.idle ? false : POLL_MS),
  });
  if (!activity.data || activity.data.idle) return null;
  return (
    <section className="notice" data-tone="info" aria-label="At work">
      <div className="row">
        <Status tone="info">At work</Status>
        <span>{activity.data.waitingFor.join('; ') || 'busy'}</span>
      </div>
    </section>
  );
}
