import { Status } from '../../parts/status.tsx';

/** The verdict of the latest gate of a version. */
export function GateStatus({ passed }: { readonly passed: boolean | null }) {
  if (passed === null) return <Status tone="neutral">no gate run</Status>;
  return <Status tone={passed ? 'ok' : 'failed'}>{passed ? 'passed' : 'refused'}</Status>;
}
