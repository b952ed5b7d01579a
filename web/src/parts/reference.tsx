import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LongText } from './long-text.tsx';
import { ShortId } from './short-id.tsx';

/** `version:delays/3` as a link to that version, named as people say it. A reference calls a model by its first name. */
export function versionLink(reference: string): ReactNode {
  const found = /^version:([^/]+)\/(\d+)$/.exec(reference);
  const [, model, version] = found ?? [];
  if (!model || !version) return <span className="mono">{reference}</span>;
  return (
    <Link to="/reference" search={{ ref: reference }}>
      {model} v{version}
    </Link>
  );
}

/** The value of a tag; one that the pipelines set is a link to what it names. */
export function TagValue({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  return name === 'pipeline-run' || name === 'study' ? (
    <Reference to={`${name}:${value}`} />
  ) : (
    <LongText text={value} />
  );
}

/** Any typed reference (`run:…`, `commit:…`, `version:…`, `endpoint:…`, `pipeline-run:…`) as a link to its page. */
export function Reference({ to }: { readonly to: string }): ReactNode {
  const colon = to.indexOf(':');
  const kind = colon < 0 ? '' : to.slice(0, colon);
  // A pointer's aspect, as in `endpoint:delays#status`, belongs to the same page.
  const id = to.slice(colon + 1).replace(/#.*$/, '');
  switch (kind) {
    case 'version':
      return versionLink(to);
    case 'run':
      return (
        <Link to="/runs/$run" params={{ run: id }}>
          run <ShortId id={id} />
        </Link>
      );
    case 'code':
      return (
        <span>
          code commit <ShortId id={id} />
        </span>
      );
    case 'commit':
      return <CommitReference id={id} />;
    case 'endpoint':
      return (
        <Link to="/endpoints/$endpoint" params={{ endpoint: id }}>
          endpoint {id}
        </Link>
      );
    case 'pipeline-run':
      return (
        <Link to="/pipelines/$run" params={{ run: id }}>
          pipeline run <ShortId id={id} />
        </Link>
      );
    case 'model':
      return <ModelReference id={to.slice(colon + 1)} />;
    case 'branch':
    case 'tag':
      return <BranchReference kind={kind} id={id} />;
    case 'pipeline':
      return <Link to="/pipelines">pipeline {id}</Link>;
    case 'loop':
      return (
        <Link to="/" search={{ loop: id }}>
          loop {id}
        </Link>
      );
    case 'monitor':
      return (
        <Link to="/monitors/$monitor" params={{ monitor: id }}>
          monitor {id}
        </Link>
      );
    case 'study':
      return (
        <Link to="/tuning/$study" params={{ study: id }}>
          study <ShortId id={id} />
        </Link>
      );
    default:
      return <span className="mono">{to}</span>;
  }
}

/** Commits are named by repository and digest: `flights/3fa9…`, or `flights@3fa9…`. */
function CommitReference({ id }: { readonly id: string }) {
  const [repository, commit] = id.split(/[/@]/);
  if (!repository || !commit) {
    return (
      <span>
        commit <ShortId id={id} />
      </span>
    );
  }
  return (
    <Link to="/data/$repository/$commit" params={{ repository, commit }}>
      {repository} <ShortId id={commit} />
    </Link>
  );
}

/** `delays`, `delays@champion` for an alias of it, `delays#production` for an environment, or `delays#promotion-3`. */
function ModelReference({ id }: { readonly id: string }) {
  const [owner = id, aspect] = id.split('#');
  const [model = owner, alias] = owner.split('@');
  const promotion = /^promotion-(\d+)$/.exec(aspect ?? '')?.[1];
  const search = { ref: `model:${id}` };
  if (promotion) {
    return (
      <Link to="/reference" search={search}>
        {model} request {promotion}
      </Link>
    );
  }
  return (
    <Link to="/reference" search={search}>
      {alias ? `${model} @${alias}` : aspect ? `${model} ${aspect}` : `model ${model}`}
    </Link>
  );
}

/** `flights/main`. */
function BranchReference({ kind, id }: { readonly kind: string; readonly id: string }) {
  const slash = id.indexOf('/');
  if (slash < 0) return <span className="mono">{`${kind}:${id}`}</span>;
  const repository = id.slice(0, slash);
  const branch = id.slice(slash + 1);
  return (
    <Link to="/data/$repository" params={{ repository }} search={{ branch }}>
      {repository} {branch}
    </Link>
  );
}
