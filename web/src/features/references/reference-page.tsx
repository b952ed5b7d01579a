import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { client } from '../../app/client.ts';
import { Answer } from '../../parts/answer.tsx';
import { Page } from '../../parts/page.tsx';

const route = getRouteApi('/reference');

/** Goes from a reference, which calls a model by its first name, to the page of what it is called now. */
export function ReferencePage() {
  const { ref } = route.useSearch();
  const answer = useQuery({
    queryKey: ['registry', 'reference', ref],
    queryFn: () => client.registry.resolveReference({ query: { ref } }),
  });
  return (
    <Page title={ref}>
      <Answer query={answer}>
        {({ model, version }) => <Onward reference={ref} model={model} version={version} />}
      </Answer>
    </Page>
  );
}

interface OnwardProps {
  readonly reference: string;
  readonly model: string;
  readonly version: number | null;
}

function Onward({ reference, model, version }: OnwardProps) {
  const promotion = /#promotion-(\d+)$/.exec(reference)?.[1];
  if (promotion) return <Navigate to="/models/$model/promotions/$promotion" params={{ model, promotion }} replace />;
  if (version === null) return <Navigate to="/models/$model" params={{ model }} replace />;
  return <Navigate to="/models/$model/$version" params={{ model, version: String(version) }} replace />;
}
