import { expect, it } from 'vitest';
import type { EnvironmentPolicy } from '#contract';
import { describeDatabases, type OpenDatabase } from '#testing/platform/sql';
import { goodMeasurements, REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '../testing.ts';
import { DEFAULT_ENVIRONMENTS } from './policy.ts';

const DAY_MS = 86_400_000;
const [ann, bob, cid, dan] = ['user:ann', 'user:bob', 'user:cid', 'user:dan'];

/** Model `delays` with two versions; environments dev and production, which wants two approvals. */
async function setUp(open: OpenDatabase, changes: Partial<EnvironmentPolicy> = {}, editors?: readonly string[]) {
  const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), {
    mayEdit: ({ id }) => editors?.includes(id) ?? true,
    rolesOf: async (actor) => (actor === cid ? ['role:risk'] : []),
  });
  const { registry } = bench;
  const digests: string[] = [];
  for (const text of ['one', 'two']) digests.push((await registered(registry, text)).digest);
  const [dev, , production] = DEFAULT_ENVIRONMENTS as [EnvironmentPolicy, EnvironmentPolicy, EnvironmentPolicy];
  const environments = [dev, { ...production, gate: false, viaPrevious: false, ...changes }];
  await registry.setModelEnvironmentPlan('delays', { environments, revision: 0 }, ann);
  const request = (version: string, actor = ann, environment = 'production') =>
    registry.requestPromotion('delays', { version, environment }, actor);
  const approve = (number: number, actor: string, digest = digests[0] ?? '') =>
    registry.approvePromotion('delays', number, { digest }, { id: actor });
  const inProduction = async () => {
    const { environments: all } = await registry.getModelEnvironments('delays');
    return all.find(({ name }) => name === 'production')?.version ?? null;
  };
  return { ...bench, digests: digests as [string, string], environments, request, approve, inProduction };
}

describeDatabases('promotions', (open) => {
  it('bring a version into an environment with the last approval, and account for it', async () => {
    const { registry, request, approve, inProduction, moves, digests, clock } = await setUp(open);
    const before = moves.length;
    const made = await request('1');
    expect(made).toMatchObject({ number: 1, version: 1, digest: digests[0], replaces: null, state: 'open' });
    expect(made).toMatchObject({ approvals: 0, needed: 2, expiresAtMs: clock.now() + 7 * DAY_MS });
    await registry.commentPromotion('delays', 1, { comment: 'How is it on ATL?' }, cid);
    expect(await approve(1, bob)).toMatchObject({ state: 'open', approvals: 1 });
    expect(await inProduction()).toBeNull();
    const done = await approve(1, cid);
    expect(done).toMatchObject({ state: 'promoted', approvals: 2, closedAtMs: clock.now() });
    expect(done.steps.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['requested', ann],
      ['commented', cid],
      ['approved', bob],
      ['approved', cid],
      ['promoted', cid],
    ]);
    expect(await inProduction()).toBe(1);
    const told = moves.slice(before).map(({ pointer, from, to, actor }) => [pointer, from, to, actor]);
    const pointer = 'model:delays#promotion-1';
    expect(told).toEqual([
      [pointer, null, 'open', ann],
      [pointer, 'open', 'open', cid],
      [pointer, 'open', 'open', bob],
      [pointer, 'open', 'open', cid],
      ['model:delays#production', null, 'version:delays/1', cid],
      [pointer, 'open', 'promoted', cid],
    ]);
    expect(moves.find((move) => move.pointer === 'model:delays#production')?.evidence).toMatchObject({
      digest: digests[0],
      requestedBy: ann,
      approvals: [{ by: bob }, { by: cid }],
      policy: { approvals: 2 },
    });
    const page = { limit: 10 };
    expect(await registry.listEnvironmentMoves('delays', 'production', page)).toEqual([
      { sequence: 1, from: null, to: 1, promotion: 1, actor: cid, atMs: clock.now() },
    ]);
  });

  it('promote once when two approvals come at once, and take no third', async () => {
    const { request, approve, moves, inProduction, registry } = await setUp(open);
    await request('1');
    const answers = await Promise.allSettled([bob, cid, dan].map((actor) => approve(1, actor)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'REGISTRY_PROMOTION_CLOSED' },
    });
    expect(moves.filter(({ pointer }) => pointer === 'model:delays#production')).toHaveLength(1);
    const { steps } = await registry.getPromotion('delays', 1);
    expect(steps.filter(({ kind }) => kind === 'promoted')).toHaveLength(1);
    expect(steps.filter(({ kind }) => kind === 'approved')).toHaveLength(2);
    expect(await inProduction()).toBe(1);
  });

  it('count one approval a person, also when it is sent again or under another name for the same', async () => {
    const { request, approve, inProduction } = await setUp(open);
    await request('1');
    await Promise.all([approve(1, bob), approve(1, bob), approve(1, `${bob} for pipeline-run:7`)]);
    const again = await approve(1, bob);
    expect(again).toMatchObject({ state: 'open', approvals: 1 });
    expect(again.steps.filter(({ kind }) => kind === 'approved')).toHaveLength(1);
    const done = await approve(1, cid);
    expect(await approve(1, cid)).toEqual(done);
    expect(await inProduction()).toBe(1);
  });

  it('refuse the approval of who requested, unless the policy allows it', async () => {
    const { request, approve, inProduction, registry, environments } = await setUp(open, { approvals: 1 });
    await request('1');
    await expect(approve(1, ann)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_OWN', kind: 'forbidden' });
    await expect(approve(1, `${ann} for user:bob`)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_OWN' });
    expect((await registry.getPromotion('delays', 1)).steps).toHaveLength(1);
    const [dev, production] = environments as [EnvironmentPolicy, EnvironmentPolicy];
    const allowed = [dev, { ...production, selfApproval: true }];
    await registry.setModelEnvironmentPlan('delays', { environments: allowed, revision: 1 }, ann);
    await approve(1, ann);
    expect(await inProduction()).toBe(1);
  });

  it('are bound to the digest: another version needs approvals of its own', async () => {
    const { request, approve, inProduction, digests, registry } = await setUp(open);
    await request('1');
    await request('2');
    await approve(1, bob);
    await expect(approve(2, bob, digests[0])).rejects.toMatchObject({
      code: 'REGISTRY_PROMOTION_DIGEST',
      details: { requested: digests[1], given: digests[0] },
    });
    expect(await approve(2, cid, digests[1])).toMatchObject({ state: 'open', approvals: 1 });
    expect(await inProduction()).toBeNull();
    await approve(2, dan, digests[1]);
    expect(await inProduction()).toBe(2);
    // The other request was for replacing nothing; now it would replace version 2.
    expect(await registry.getPromotion('delays', 1)).toMatchObject({ state: 'superseded', approvals: 1 });
    await expect(approve(1, cid)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_CLOSED' });
    expect(await request('1')).toMatchObject({ number: 3, replaces: 2, approvals: 0 });
  });

  it('expire, and are then approved by nobody', async () => {
    const { request, approve, inProduction, registry, clock, moves } = await setUp(open);
    await request('1');
    const short = { version: '2', environment: 'production', expiresAfterMs: DAY_MS };
    await registry.requestPromotion('delays', short, ann);
    await approve(1, bob);
    clock.advance(DAY_MS);
    expect(await registry.getPromotion('delays', 2)).toMatchObject({ state: 'expired', closedAtMs: clock.now() });
    clock.advance(6 * DAY_MS - 1);
    expect(await registry.getPromotion('delays', 1)).toMatchObject({ state: 'open' });
    clock.advance(1);
    await expect(approve(1, cid)).rejects.toMatchObject({
      code: 'REGISTRY_PROMOTION_CLOSED',
      details: { state: 'expired' },
    });
    await registry.expirePromotions();
    expect(await inProduction()).toBeNull();
    expect(moves.filter(({ to }) => to === 'expired')).toHaveLength(2);
    expect(moves.findLast(({ to }) => to === 'expired')).toMatchObject({ actor: 'trimtab:registry' });
  });

  it('let only those decide whom the policy names, by themselves or by a role', async () => {
    const { request, approve, registry, inProduction } = await setUp(open, { approvers: [bob, 'role:risk'] });
    await request('1');
    await expect(approve(1, dan)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_NOT_APPROVER' });
    const no = registry.rejectPromotion('delays', 1, { comment: 'no' }, { id: dan });
    await expect(no).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_NOT_APPROVER' });
    await approve(1, bob);
    expect((await approve(1, cid)).steps.at(-2)).toMatchObject({ kind: 'approved', as: 'role:risk' });
    expect(await inProduction()).toBe(1);
  });

  it('are decided by those whom the policy names although they may not edit the model, else by who may', async () => {
    const named = await setUp(open, { approvers: [bob, 'role:risk'] }, [ann, dan]);
    await named.request('1');
    await expect(named.approve(1, dan)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_NOT_APPROVER' });
    await named.approve(1, bob);
    await named.approve(1, cid);
    expect(await named.inProduction()).toBe(1);
    const unnamed = await setUp(open, { approvals: 1 }, [ann, dan]);
    await unnamed.request('1');
    await expect(unnamed.approve(1, bob)).rejects.toThrow('whoever may edit the model');
    await unnamed.approve(1, dan);
    expect(await unnamed.inProduction()).toBe(1);
  });

  it('go by the policy as it is at the last approval', async () => {
    const { request, approve, registry, inProduction, environments } = await setUp(open, { approvers: [bob, cid] });
    await request('1');
    await approve(1, bob);
    const [dev, production] = environments as [EnvironmentPolicy, EnvironmentPolicy];
    const stricter = [dev, { ...production, approvers: [cid, dan] }];
    await registry.setModelEnvironmentPlan('delays', { environments: stricter, revision: 1 }, ann);
    expect(await approve(1, cid)).toMatchObject({ state: 'open', approvals: 1 });
    expect(await inProduction()).toBeNull();
    await approve(1, dan);
    expect(await inProduction()).toBe(1);
  });

  it('are rejected by who may decide and withdrawn by who made them', async () => {
    const { request, approve, registry } = await setUp(open);
    await request('1');
    await request('2');
    const rejected = await registry.rejectPromotion('delays', 1, { comment: 'ATL is worse' }, { id: bob });
    expect(rejected).toMatchObject({ state: 'rejected' });
    expect(rejected.steps.at(-1)).toMatchObject({ kind: 'rejected', actor: bob, comment: 'ATL is worse' });
    await expect(approve(1, cid)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_CLOSED' });
    const foreign = registry.withdrawPromotion('delays', 2, {}, bob);
    await expect(foreign).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_NOT_OWN' });
    const withdrawn = await registry.withdrawPromotion('delays', 2, { comment: 'a mistake' }, ann);
    expect(withdrawn).toMatchObject({ state: 'withdrawn' });
    expect(await registry.withdrawPromotion('delays', 2, {}, ann)).toEqual(withdrawn);
    // Talking goes on.
    await registry.commentPromotion('delays', 1, { comment: 'mended in version 3' }, ann);
    const listed = async (state: 'open' | 'rejected') =>
      (await registry.listPromotions({ model: 'delays', state, limit: 10 })).map(({ number }) => number);
    expect([await listed('open'), await listed('rejected')]).toEqual([[], [1]]);
  });

  it('answer the open request to who asks again, and are refused to others and where they are pointless', async () => {
    const { request, approve } = await setUp(open, { approvals: 1 });
    const first = await request('1');
    expect(await request('1')).toEqual(first);
    const other = request('latest', bob);
    expect(await other).toMatchObject({ number: 2, version: 2 });
    await expect(request('1', bob)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_OPEN' });
    await approve(1, bob);
    await expect(request('1')).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_POINTLESS' });
    await expect(request('1', ann, 'moon')).rejects.toMatchObject({ code: 'REGISTRY_ENVIRONMENT_NOT_FOUND' });
    await expect(request('7')).rejects.toMatchObject({ code: 'REGISTRY_VERSION_NOT_FOUND' });
    await expect(approve(9, bob)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_NOT_FOUND' });
  });

  it('need a passed gate and the environment before where the policy says so', async () => {
    const { request, approve, registry, inProduction } = await setUp(open, { gate: true, viaPrevious: true });
    await expect(request('1')).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_SKIPS' });
    expect(await request('1', ann, 'dev')).toMatchObject({ state: 'promoted', needed: 0 });
    await expect(request('1')).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_GATE' });
    await registry.runGate('delays', '1', { measurements: goodMeasurements() }, ann);
    await request('1');
    await registry.runGate('delays', '1', { measurements: {} }, ann);
    await approve(2, bob);
    await expect(approve(2, cid)).rejects.toMatchObject({ code: 'REGISTRY_PROMOTION_GATE' });
    expect(await inProduction()).toBeNull();
    await registry.runGate('delays', '1', { measurements: goodMeasurements() }, ann);
    await approve(2, cid);
    expect(await inProduction()).toBe(1);
  });

  it('let a version come back that was there before', async () => {
    const { request, inProduction } = await setUp(open, { viaPrevious: true, approvals: 0 });
    for (const version of ['1', '2']) {
      await request(version, ann, 'dev');
      await request(version);
    }
    expect(await inProduction()).toBe(2);
    expect(await request('1')).toMatchObject({ state: 'promoted', replaces: 2 });
    expect(await inProduction()).toBe(1);
  });

  it('of several requests at once without approvals leave one in the environment, in order', async () => {
    const { request, registry, inProduction, moves } = await setUp(open, { approvals: 0 });
    await Promise.allSettled(['1', '2', '1', '2'].map((version) => request(version)));
    const told = moves.filter(({ pointer }) => pointer === 'model:delays#production');
    for (const [index, { from }] of told.entries()) expect(from).toBe(told[index - 1]?.to ?? null);
    expect(`version:delays/${await inProduction()}`).toBe(told.at(-1)?.to);
    const kept = await registry.listEnvironmentMoves('delays', 'production', { limit: 10 });
    expect(kept.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => told.length - index));
  });
});

describeDatabases('environments', (open) => {
  it('are those that come with the server, the ones of the server, or the own of a model', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const names = async () => {
      const { environments, own } = await registry.getModelEnvironments('delays');
      return { names: environments.map(({ name }) => name), own };
    };
    expect(await names()).toEqual({ names: ['dev', 'staging', 'production'], own: false });
    const [dev, staging] = DEFAULT_ENVIRONMENTS as [EnvironmentPolicy, EnvironmentPolicy];
    await registry.setEnvironmentPlan({ environments: [dev, { ...staging, name: 'live' }], revision: 0 }, ann);
    expect(await names()).toEqual({ names: ['dev', 'live'], own: false });
    await registry.setModelEnvironmentPlan('delays', { environments: [{ ...dev, name: 'lab' }], revision: 0 }, ann);
    await registry.requestPromotion('delays', { version: '1', environment: 'lab' }, ann).catch(() => undefined);
    expect(await names()).toEqual({ names: ['lab'], own: true });
    await registry.setModelEnvironmentPlan('delays', { environments: null, revision: 1 }, ann);
    expect(await names()).toEqual({ names: ['dev', 'live'], own: false });
  });

  it('still show a version that is in one which the plan names no more', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    await registered(registry, 'one');
    await registry.requestPromotion('delays', { version: '1', environment: 'dev' }, ann);
    const [, staging] = DEFAULT_ENVIRONMENTS as [EnvironmentPolicy, EnvironmentPolicy];
    await registry.setEnvironmentPlan({ environments: [staging], revision: 0 }, ann);
    const { environments } = await registry.getModelEnvironments('delays');
    expect(environments).toMatchObject([
      { name: 'staging', version: null, policy: { approvals: 1 } },
      { name: 'dev', version: 1, policy: null },
    ]);
  });

  it('are changed from the revision that is there by one of two, and refused when they make no sense', async () => {
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS));
    const [dev, staging] = DEFAULT_ENVIRONMENTS as [EnvironmentPolicy, EnvironmentPolicy];
    const change = (name: string, revision: number) =>
      registry.setEnvironmentPlan({ environments: [{ ...dev, name }], revision }, ann);
    const ends = await Promise.allSettled([change('a', 0), change('b', 0)]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(change('c', 0)).rejects.toMatchObject({ code: 'REGISTRY_ENVIRONMENTS_CHANGED' });
    expect(await change('d', 1)).toMatchObject({ revision: 2, environments: [{ name: 'd' }] });
    expect(await change('d', 1)).toMatchObject({ revision: 2 });
    const bad = [
      [dev, dev],
      [{ ...dev, viaPrevious: true }],
      [dev, { ...staging, approvals: 2, approvers: ['user:ann', 'user:ann'] }],
    ];
    for (const environments of bad) {
      const refused = registry.setEnvironmentPlan({ environments, revision: 2 }, ann);
      await expect(refused).rejects.toMatchObject({ code: 'REGISTRY_ENVIRONMENTS_INVALID' });
    }
    const named = registry.setEnvironmentPlan({ environments: [{ ...dev, name: 'a/b' }], revision: 2 }, ann);
    await expect(named).rejects.toMatchObject({ code: 'KERNEL_NAME_INVALID' });
  });
});
