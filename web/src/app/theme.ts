import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The accent: a deep sea blue. Everything else is neutral, or a state. */
const sea: MantineColorsTuple = [
  '#e9f4f8',
  '#d3e6ee',
  '#a6cddd',
  '#76b3cb',
  '#4f9dbb',
  '#358fb1',
  '#1f7f9f',
  '#126b89',
  '#0f5a73',
  '#08465b',
];

const slate: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f4',
  '#e2e6eb',
  '#d2d7df',
  '#b3bbc7',
  '#8a94a3',
  '#667181',
  '#4e5867',
  '#363f4c',
  '#222a35',
];

const night: MantineColorsTuple = [
  '#d6dbe3',
  '#b9c0cc',
  '#99a2b0',
  '#737d8c',
  '#3c4553',
  '#2e3642',
  '#222932',
  '#171c23',
  '#11151b',
  '#0b0e12',
];

/** What cannot be undone; as dark as white letters on it need, in both schemes. */
const red: MantineColorsTuple = [
  '#fdecec',
  '#f8d5d5',
  '#efaaaa',
  '#e67c7c',
  '#de5656',
  '#d23f3f',
  '#c03232',
  '#b02a2a',
  '#962323',
  '#7c1c1c',
];

const SANS =
  "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif";
const MONO =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  colors: { sea, red, gray: slate, dark: night },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: {
    fontFamily: SANS,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  radius: { sm: '5px', md: '8px' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'compact-md' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false } },
    MultiSelect: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
  },
});

/** Colours of surfaces, text and states in both schemes; the style sheet and the charts use nothing else. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f5f6f8',
    '--mantine-color-text': '#1b222c',
    '--mantine-color-dimmed': '#586373',
    '--mantine-color-error': '#b3261e',
    '--surface': '#ffffff',
    '--surface-sunken': '#f5f6f8',
    '--surface-hover': '#f0f3f6',
    '--line': '#e0e4ea',
    '--line-strong': '#c8ced8',
    '--accent': '#126b89',
    '--accent-soft': '#e4f1f6',
    '--ok': '#1d7a4c',
    '--ok-soft': '#e3f3ea',
    '--warning': '#8f5b00',
    '--warning-soft': '#fdf0d8',
    '--failed': '#b3261e',
    '--failed-soft': '#fbe7e5',
    '--info': '#3a5fae',
    '--info-soft': '#e8eefa',
    '--share-2': '#c8701a',
    '--share-3': '#5b4ea3',
    '--share-4': '#2f8f5b',
  },
  dark: {
    '--mantine-color-body': '#11151b',
    '--mantine-color-text': '#dfe4eb',
    '--mantine-color-dimmed': '#97a2b1',
    '--mantine-color-error': '#f0857c',
    '--surface': '#181d25',
    '--surface-sunken': '#12161d',
    '--surface-hover': '#202733',
    '--line': '#2a323e',
    '--line-strong': '#3f4958',
    '--accent': '#66b9d6',
    '--accent-soft': '#173441',
    '--ok': '#63c394',
    '--ok-soft': '#173226',
    '--warning': '#e3ad4d',
    '--warning-soft': '#3a2c12',
    '--failed': '#f0857c',
    '--failed-soft': '#40201e',
    '--info': '#8fb0f5',
    '--info-soft': '#1f2c47',
    '--share-2': '#e8a15a',
    '--share-3': '#a99bf0',
    '--share-4': '#6fc99a',
  },
});
