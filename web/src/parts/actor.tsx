import { Reference } from './reference.tsx';

/** Who did something; a step of a pipeline acts for somebody, and its run is a link. */
export function Actor({ id }: { readonly id: string }) {
  const [, who, run] = /^(.+) for (pipeline-run:\S+)$/.exec(id) ?? [];
  if (!who || !run) return id;
  return (
    <>
      {who} for <Reference to={run} />
    </>
  );
}
