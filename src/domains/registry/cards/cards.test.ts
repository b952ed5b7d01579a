import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeDatabases, type OpenDatabase } from '#testing/platform/sql';
import type { RunsOf } from '../ports.ts';
import { goodMeasurements, newSource, REGISTRY_TEST_MIGRATIONS, registered, setUpRegistry } from '../testing.ts';

const [ann, bob] = ['user:ann', 'user:bob'];
const reader = { id: ann };

const runsOf: RunsOf = async (refs) =>
  new Map(
    refs.map((ref) => [
      ref,
      {
        ...{ name: 'trees-1', experiment: 'late flights', experimentId: '7', codeCommit: 'def456' },
        params: new Map([['trees', '200']]),
        metrics: new Map([['valid.auc', 0.61]]),
        datasets: [{ name: 'weather', digest: 'd9', role: 'validation' }],
        inputs: [{ ref: 'commit:flights/c1', path: 'flights.parquet', role: 'training' }],
      },
    ]),
  );

async function setUp(open: OpenDatabase) {
  const bench = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), { runsOf });
  const { registry } = bench;
  await registered(registry, 'one', {
    evaluation: {
      overall: { rows: 100, auc: { value: 0.67, low: 0.6, high: 0.7 } },
      segments: [{ column: 'origin', value: 'ATL', rows: 40, auc: 0.5 }],
    },
  });
  const write = (
    text: string | null,
    revision: number,
    more: { version?: string; section?: string; by?: string } = {},
  ) =>
    registry.editCardSection(
      'delays',
      { version: more.version ?? '1', section: more.section ?? 'intended-use', text, revision },
      more.by ?? ann,
    );
  const section = async (version: string, name = 'intended-use') => {
    const { sections } = await registry.getCard('delays', version, reader);
    return sections.find((one) => one.section === name);
  };
  const read = async (format: 'markdown' | 'html', version = '1') =>
    (await registry.readCard('delays', version, format, reader)).text;
  return { ...bench, write, section, read };
}

describeDatabases('model cards', (open) => {
  it('tell what is stored of a version, of its run, gate and promotions', async () => {
    const { registry } = await setUp(open);
    await registry.runGate('delays', '1', { measurements: goodMeasurements() }, ann);
    await registry.setAlias('delays', 'champion', { version: 1, reason: 'good' }, ann);
    await registry.requestPromotion('delays', { version: '1', environment: 'staging' }, ann);
    await registry.requestPromotion('delays', { version: '1', environment: 'dev' }, ann);
    const { digest } = await registry.getVersion('delays', '1');
    await registry.approvePromotion('delays', 1, { digest }, { id: bob });
    await registered(registry, 'two');
    await registry.requestPromotion('delays', { version: '2', environment: 'staging' }, ann);

    const card = await registry.getCard('delays', 'champion', reader);
    expect(card).toMatchObject({
      version: { ref: 'version:delays/1', digest, registeredBy: ann, aliases: ['champion'], gatePassed: true },
      environments: ['dev', 'staging'],
      run: { ref: 'run:r1', name: 'trees-1', experiment: 'late flights', experimentId: '7' },
      codeCommit: 'abc123',
      params: [{ name: 'trees', value: '200' }],
      metricsFrom: 'version',
      metrics: [{ name: 'test.auc', value: 0.673 }],
      gate: { passed: true, measurements: { comparison: { opponent: 'baseline' } } },
      evaluation: [{ segment: 'overall' }, { segment: 'origin ATL', rows: 40, figures: [{ name: 'auc', value: 0.5 }] }],
    });
    // The commit of the version and that of its run are one.
    expect(card.data).toEqual([
      {
        ...{ name: 'flights', ref: 'commit:flights/c1', commit: 'c1', digest: null },
        ...{ path: 'flights.parquet', role: 'training' },
      },
      { name: 'weather', ref: null, commit: null, digest: 'd9', path: null, role: 'validation' },
    ]);
    expect(card.promotions.map(({ version, state }) => [version, state])).toEqual([
      [1, 'promoted'],
      [1, 'promoted'],
    ]);
    expect(card).not.toHaveProperty('golden');
  });

  it('have every section of the standard, and hand on what was written until it is changed', async () => {
    const { registry, write, section, clock, moves } = await setUp(open);
    for (const text of ['two', 'three']) await registered(registry, text);
    expect(await section('1')).toMatchObject({ text: '', revision: 0, version: null, author: null, isStandard: true });
    const before = moves.length;
    const first = await write('To warn travellers.', 0, { version: '2' });
    expect(first).toMatchObject({ text: 'To warn travellers.', revision: 1, version: 2, isInherited: false });
    expect(first).toMatchObject({ author: ann, atMs: clock.now(), heading: 'Intended use' });
    expect(moves.slice(before)).toMatchObject([
      { actor: ann, pointer: 'version:delays/2#card:intended-use', from: null, to: 'revision 1' },
    ]);
    expect(await section('1')).toMatchObject({ text: '', revision: 0 });
    expect(await section('3')).toMatchObject({
      text: 'To warn travellers.',
      revision: 1,
      version: 2,
      isInherited: true,
    });
    await write('To warn crews.', 1, { version: '3', by: bob });
    expect(await section('2')).toMatchObject({ text: 'To warn travellers.', revision: 1 });
    expect(await section('3')).toMatchObject({ text: 'To warn crews.', revision: 2, isInherited: false, author: bob });
    await write('Nothing any more.', 1, { version: '2' });
    expect(await section('3')).toMatchObject({ text: 'To warn crews.', revision: 2 });
    // Given back to the version before, it says what that says now.
    expect(await write(null, 2, { version: '3' })).toMatchObject({
      text: 'Nothing any more.',
      version: 2,
      revision: 3,
    });
    expect(await section('3')).toMatchObject({ isInherited: true, revision: 3 });
    const history = await registry.listCardRevisions('delays', 'Intended Use', { limit: 9 });
    expect(history.map(({ revision, version, text, author }) => [revision, version, text, author])).toEqual([
      [4, 3, null, ann],
      [3, 2, 'Nothing any more.', ann],
      [2, 3, 'To warn crews.', bob],
      [1, 2, 'To warn travellers.', ann],
    ]);
    expect(await registry.listCardRevisions('delays', 'intended-use', { limit: 1, before: 3 })).toHaveLength(1);
    await registry.renameModel('delays', 'lateness', 'user:ann');
    const { sections } = await registry.getCard('lateness', '2', reader);
    expect(sections[0]).toMatchObject({ text: 'Nothing any more.' });
  });

  it('refuse a change made from an older revision, also of what was handed on, and lose nothing', async () => {
    const { registry, write, section } = await setUp(open);
    await registered(registry, 'two');
    await write('one', 0);
    await write('two', 1, { by: bob });
    await expect(write('mine', 1)).rejects.toMatchObject({
      code: 'REGISTRY_CARD_CHANGED',
      message: expect.stringContaining('revision 2, written by user:bob'),
    });
    await expect(write('mine', 1, { version: '2' })).rejects.toMatchObject({ code: 'REGISTRY_CARD_CHANGED' });
    expect(await section('1')).toMatchObject({ text: 'two', revision: 2 });
    // The answer got lost, and it is asked for again.
    expect(await write('two', 1, { by: bob })).toMatchObject({ revision: 2 });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => write(text, 2)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await registry.listCardRevisions('delays', 'intended-use', { limit: 9 })).toHaveLength(3);
  });

  it('take headings of their own, none that looks like a fact, and forty at most', async () => {
    const { write, registry, section } = await setUp(open);
    await write('Ask at night.', 0, { section: '  Night   shift ' });
    expect(await section('1', 'Night shift')).toMatchObject({ isStandard: false, heading: 'Night shift', hint: '' });
    expect(await write('x', 0, { section: 'OUT-OF-SCOPE USE' })).toMatchObject({ section: 'out-of-scope-use' });
    for (const bad of ['Gate', ' evaluation', '\u200b', '   ', 'a\u0007b']) {
      await expect(write('x', 0, { section: bad })).rejects.toMatchObject({ code: 'REGISTRY_CARD_HEADING_INVALID' });
    }
    for (let n = 1; n < 40; n++) await write('x', 0, { section: `Heading ${n}` });
    await expect(write('x', 0, { section: 'One more' })).rejects.toMatchObject({ code: 'REGISTRY_CARD_FULL' });
    await write('', 1, { section: 'Heading 1' });
    expect(await section('1', 'Heading 1')).toBeUndefined();
    expect((await registry.getCard('delays', '1', reader)).sections).toHaveLength(7 + 39);
    expect(await write('again', 0, { section: 'Heading 1' })).toMatchObject({ revision: 3 });
    await expect(write('x', 0, { version: '9' })).rejects.toMatchObject({ code: 'REGISTRY_VERSION_NOT_FOUND' });
  });

  it('of a model are those of what is in production, else of its champion, else of its newest', async () => {
    const { registry } = await setUp(open);
    for (const text of ['two', 'three', 'four', 'five']) await registered(registry, text);
    const counting = async () => {
      const { because, card } = await registry.getModelCard('delays', reader);
      return [because, card.version.version];
    };
    expect(await counting()).toEqual(['newest', 5]);
    await registry.setAlias('delays', 'champion', { version: 4, reason: 'r', override: 'o' }, ann);
    expect(await counting()).toEqual(['champion', 4]);
    await registry.moveStage('delays', '3', { stage: 'Production', archiveExisting: false, reason: 'r' }, ann);
    expect(await counting()).toEqual(['stage', 3]);
    const { environments } = await registry.getEnvironmentPlan();
    const easy = environments.map((policy) => ({ ...policy, approvals: 0, gate: false, viaPrevious: false }));
    await registry.setEnvironmentPlan({ environments: easy, revision: 0 }, ann);
    await registry.requestPromotion('delays', { version: '2', environment: 'production' }, ann);
    expect(await counting()).toEqual(['environment', 2]);
    await registry.createModel({ name: 'empty' }, ann);
    await expect(registry.getModelCard('empty', reader)).rejects.toMatchObject({ code: 'REGISTRY_VERSION_NOT_FOUND' });
  });

  it('tell the signature of a logged model as its files do, to whom may see it', async () => {
    const part = { name: 'x', type: 'tensor of float64', shape: [-1, 4], nullable: false };
    const { registry } = await setUpRegistry(await open(REGISTRY_TEST_MIGRATIONS), {
      signatureOf: async (model, { id }) =>
        model === 'm-1' && id === ann ? { inputs: [part], outputs: [{ ...part, name: null }] } : undefined,
    });
    const { source, ...others } = newSource('models:/m-1');
    await registry.registerSource('delays', { ...others, source: { ...source, loggedModel: 'm-1' } }, ann);
    expect((await registry.getCard('delays', '1', reader)).signature).toMatchObject({ inputs: [part] });
    expect((await registry.getCard('delays', '1', { id: bob })).signature).toBeNull();
    const { text } = await registry.readCard('delays', '1', 'markdown', reader);
    expect(text).toContain('| input | `x` | tensor of float64 | (N, 4) | no |\n| output | – | tensor');
  });

  it('are Markdown with the front matter of Hugging Face', async () => {
    const { write, read, registry } = await setUp(open);
    await write('To warn *travellers*.', 0);
    const text = await read('markdown');
    const [, head, body] = /^---\n([\s\S]*?)---\n\n([\s\S]*)$/.exec(text) ?? [];
    expect(parse(head ?? '')).toEqual({
      library_name: 'onnx',
      tags: ['trimtab'],
      pipeline_tag: 'tabular-classification',
      'model-index': [
        {
          name: 'delays',
          results: [
            {
              task: { type: 'tabular-classification' },
              dataset: { type: 'flights', name: 'flights', revision: 'c1' },
              metrics: [{ type: 'auc', value: 0.673, name: 'test.auc' }],
            },
            {
              task: { type: 'tabular-classification' },
              dataset: { type: 'flights', name: 'flights', revision: 'c1', args: { segment: 'origin ATL' } },
              metrics: [{ type: 'auc', value: 0.5, name: 'auc' }],
            },
          ],
        },
      ],
    });
    expect(body).toContain('# delays, version 1\n');
    expect(body).toContain('### Intended use\n\nTo warn *travellers*.\n');
    expect(body).toContain('| input | `distance` | number | (N, 1) | yes |');
    expect(body).toContain('| output | `probability` | number | (N, 1) | no |');
    expect(body).toContain('| `flights` | `c1` | `flights.parquet` | training |');
    await registry.registerSource('delays', newSource('s3://bucket/model'), ann);
    const second = await read('markdown', '2');
    expect(second).toContain('*Written for version 1.*');
    expect(parse(second.split('---\n')[1] ?? '')).toEqual({ tags: ['trimtab'] });
  });

  it('are HTML in which nothing runs, whatever was written', async () => {
    const { write, read, registry } = await setUp(open);
    await write('<script>alert(1)</script>\n\n[x](javascript:alert(2)) <img src=x onerror=alert(3)>', 0);
    await write('```\nnever closed', 0, { section: 'training-notes' });
    await write('<!-- never closed', 0, { section: 'ethical-considerations' });
    await write('x', 0, { section: '<b onclick=alert(4)>' });
    await registry.tagVersion('delays', 1, { key: '`a|b`', value: '| <i>x</i> [y](javascript:z)' });
    await registered(registry, 'three', { metrics: { 'a|b': 1, 'c\\|d': 2 } });
    await registry.changeVersion('delays', '1', { description: '<iframe src="javascript:alert(5)">' });
    const html = await read('html');
    expect(html).not.toMatch(/<(script|img|iframe|b|i)\b/);
    expect(html).not.toMatch(/(href|src)="javascript:/);
    expect(html).not.toMatch(/<[^>]*\son\w+=/);
    // What stands behind an open fence or comment is still there.
    for (const heading of ['Training', 'Evaluation', 'Gate', 'Citation']) expect(html).toContain(`<h2>${heading}</h2>`);
    expect(html).toContain('<li><strong>Tag <code>`a|b`</code>:</strong>');
    const metrics = await read('html', '2');
    expect(metrics).toContain('<td><code>a|b</code></td>\n<td>1</td>');
    expect(metrics).toContain('<td>c\\|d</td>\n<td>2</td>');
  });
});
