import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { KeyPicker } from '../keys/key-picker.tsx';
import { ATTRIBUTES, headerOf, splitColumn } from '../table/columns.ts';
import type { ChartSpec } from './chart-specs.ts';

interface ChartEditorProps {
  readonly experiments: readonly string[];
  readonly spec: ChartSpec;
  readonly onChange: (spec: ChartSpec) => void;
}

const WEIGHTS = [0, 0.5, 0.8, 0.9, 0.97, 0.99];

/** What a chart shows, to be changed; the chart follows at once. */
export function ChartEditor({ experiments, spec, onChange }: ChartEditorProps) {
  const pick = (text: string, onPick: (column: string) => void) => (
    <KeyPicker
      experiments={experiments}
      text={text}
      label="Find a key"
      attributes={Object.keys(ATTRIBUTES)}
      onPick={onPick}
    />
  );
  const flag = (label: string, checked: boolean | undefined, set: (on: true | undefined) => void) => (
    <Switch
      size="xs"
      label={label}
      checked={checked === true}
      onChange={(event) => set(event.currentTarget.checked || undefined)}
    />
  );
  switch (spec.kind) {
    case 'lines':
      return (
        <div className="row chart-editor">
          <KeyPicker
            experiments={experiments}
            text={`Metric: ${spec.metric}`}
            label="Find a metric"
            kind="metrics"
            onPick={(column) => onChange({ ...spec, metric: splitColumn(column).key })}
          />
          <NativeSelect
            aria-label="Along"
            value={spec.x ?? 'step'}
            data={[
              { value: 'step', label: 'by step' },
              { value: 'relative', label: 'by time since the start' },
              { value: 'time', label: 'by time of day' },
            ]}
            onChange={(event) => {
              const x = event.currentTarget.value;
              const { x: _, fromX: __, toX: ___, ...rest } = spec;
              onChange(x === 'time' || x === 'relative' ? { ...rest, x } : rest);
            }}
          />
          <NativeSelect
            aria-label="Smoothing"
            value={String(spec.smoothing ?? 0)}
            data={WEIGHTS.map((weight) => ({
              value: String(weight),
              label: weight === 0 ? 'not smoothed' : `smoothed, ${weight}`,
            }))}
            onChange={(event) => onChange({ ...spec, smoothing: Number(event.currentTarget.value) || undefined })}
          />
          {flag('Log y', spec.logY, (logY) => onChange({ ...spec, logY }))}
          {spec.x !== 'time' && flag('Log x', spec.logX, (logX) => onChange({ ...spec, logX }))}
          {pick(spec.group === undefined ? 'A band for each…' : `A band for each ${headerOf(spec.group)}`, (group) =>
            onChange({ ...spec, group }),
          )}
          {spec.group !== undefined && flag('A line a run', false, () => onChange({ ...spec, group: undefined }))}
          {spec.x === undefined && <Stretch spec={spec} onChange={onChange} />}
        </div>
      );
    case 'scatter':
      return (
        <div className="row chart-editor">
          {pick(`Across: ${headerOf(spec.x)}`, (x) => onChange({ ...spec, x }))}
          {pick(`Up: ${headerOf(spec.y)}`, (y) => onChange({ ...spec, y }))}
          {pick(`Colour: ${spec.colour === undefined ? 'one' : headerOf(spec.colour)}`, (colour) =>
            onChange({ ...spec, colour }),
          )}
          {flag('Log x', spec.logX, (logX) => onChange({ ...spec, logX }))}
        </div>
      );
    case 'parallel':
      return (
        <div className="row chart-editor">
          {spec.columns.map((column) => (
            <button
              key={column}
              type="button"
              className="toggle"
              aria-label={`Leave ${headerOf(column)} out`}
              onClick={() =>
                spec.columns.length > 2 && onChange({ ...spec, columns: spec.columns.filter((one) => one !== column) })
              }
            >
              {headerOf(column)} ✕
            </button>
          ))}
          {pick('Add an axis', (column) =>
            onChange({ ...spec, columns: [...new Set([...spec.columns, column])].slice(0, 12) }),
          )}
          {pick(`Colour: ${spec.colour === undefined ? 'one' : headerOf(spec.colour)}`, (colour) =>
            onChange({ ...spec, colour }),
          )}
        </div>
      );
    case 'bar':
    case 'histogram':
      return (
        <div className="row chart-editor">
          {pick(`Of: ${headerOf(spec.column)}`, (column) => onChange({ ...spec, column }))}
          {spec.kind === 'histogram' && flag('Log x', spec.logX, (logX) => onChange({ ...spec, logX }))}
        </div>
      );
    case 'importance':
      return (
        <div className="row chart-editor">
          {pick(`For: ${headerOf(spec.target)}`, (target) => onChange({ ...spec, target }))}
        </div>
      );
  }
}

type LinesSpec = ChartSpec & { readonly kind: 'lines' };

/** Only some steps, which the server then thins less. */
function Stretch({ spec, onChange }: { readonly spec: LinesSpec; readonly onChange: (spec: LinesSpec) => void }) {
  const read = (text: string) => (text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text));
  return (
    <>
      <TextInput
        aria-label="From step"
        placeholder="from step"
        inputMode="numeric"
        w={92}
        defaultValue={spec.fromX ?? ''}
        onBlur={(event) => onChange({ ...spec, fromX: read(event.currentTarget.value) })}
      />
      <TextInput
        aria-label="To step"
        placeholder="to step"
        inputMode="numeric"
        w={92}
        defaultValue={spec.toX ?? ''}
        onBlur={(event) => onChange({ ...spec, toX: read(event.currentTarget.value) })}
      />
    </>
  );
}
