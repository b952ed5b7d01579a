import type { Run } from '../model.ts';

/** Facts about code, each with where a run tells it. */
const FACTS = {
  commit: (run: Run) => run.codeCommit,
  branch: (run: Run) => run.tags.get('mlflow.source.git.branch'),
  repository: (run: Run) => withoutSecrets(run.tags.get('mlflow.source.git.repoURL')),
  'entry point': (run: Run) => run.tags.get('mlflow.project.entryPoint'),
  'source type': (run: Run) => run.tags.get('mlflow.source.type'),
  command: (run: Run) => run.tags.get('mlflow.source.name'),
} as const;

export interface SourceFact {
  readonly fact: keyof typeof FACTS;
  readonly left: string | null;
  readonly right: string | null;
  readonly differs: boolean;
}

/** What two runs tell about their code; facts that neither tells are left out. */
export function sourceFacts(left: Run, right: Run): readonly SourceFact[] {
  return (Object.keys(FACTS) as (keyof typeof FACTS)[]).flatMap((fact) => {
    const sides = { left: FACTS[fact](left) || null, right: FACTS[fact](right) || null };
    if (sides.left === null && sides.right === null) return [];
    return [{ fact, ...sides, differs: sides.left !== sides.right }];
  });
}

/** A page that compares the commits of two runs of one repository, where its host is known to have such pages. */
export function compareUrl(left: Run, right: Run): string | null {
  const [from, to] = [left.codeCommit, right.codeCommit];
  if (!from || !to || from === to || !COMMIT.test(from) || !COMMIT.test(to)) return null;
  const page = pageOf(FACTS.repository(left));
  if (page === undefined || page.url !== pageOf(FACTS.repository(right))?.url) return null;
  return `${page.url}${page.compare}${from}...${to}`;
}

const COMMIT = /^[0-9a-f]{7,64}$/;
const COMPARE: Readonly<Record<string, string>> = {
  'github.com': '/compare/',
  'gitlab.com': '/-/compare/',
  'codeberg.org': '/compare/',
};

function pageOf(repository: string | undefined): { readonly url: string; readonly compare: string } | undefined {
  const plain = (repository ?? '').replace(/(\.git)?\/?$/, '');
  const parts = /^(?:https?:\/\/|ssh:\/\/git@|git@)([\w.-]+)[:/]([\w.-]+(?:\/[\w.-]+)+)$/.exec(plain);
  const [, host = '', path = ''] = parts ?? [];
  const compare = Object.hasOwn(COMPARE, host) ? COMPARE[host] : undefined;
  return compare === undefined ? undefined : { url: `https://${host}/${path}`, compare };
}

/** A URL without the user and password that may stand in it. */
function withoutSecrets(url: string | undefined): string | undefined {
  return url?.replace(/^([a-z+]+:\/\/)[^/@]*@/i, (whole, scheme: string) => (whole === 'ssh://git@' ? whole : scheme));
}
