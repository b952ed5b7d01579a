/** What a file is, as far as its name tells. */
export type ArtifactKind =
  | 'image'
  | 'audio'
  | 'video'
  | 'table'
  | 'html'
  | 'markdown'
  | 'plotly'
  | 'vega'
  | 'confusion-matrix'
  | 'roc-curve'
  | 'pr-curve'
  | 'json'
  | 'code'
  | 'text'
  | 'pdf'
  | 'binary';

const KINDS: Readonly<Partial<Record<ArtifactKind, string>>> = {
  image: 'png jpg jpeg gif webp svg bmp ico avif',
  audio: 'mp3 wav ogg flac m4a aac opus',
  video: 'mp4 webm mov mkv avi ogv',
  table: 'csv tsv parquet pq jsonl ndjson',
  html: 'html htm',
  markdown: 'md markdown',
  json: 'json ipynb geojson',
  text: 'txt log err out cfg conf ini properties lock rst',
  pdf: 'pdf',
};

const LANGUAGES: Readonly<Record<string, string>> = {
  bash: 'bash',
  c: 'c',
  cpp: 'cpp',
  css: 'css',
  diff: 'diff',
  go: 'go',
  java: 'java',
  js: 'javascript',
  jl: 'julia',
  json: 'json',
  kt: 'kotlin',
  patch: 'diff',
  py: 'python',
  r: 'r',
  rb: 'ruby',
  rs: 'rust',
  scala: 'scala',
  sh: 'bash',
  sql: 'sql',
  toml: 'toml',
  ts: 'typescript',
  tsx: 'typescript',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
};

/** Files of known tools that have no ending. */
const NAMES: Readonly<Record<string, string>> = {
  Dockerfile: 'dockerfile',
  MLmodel: 'yaml',
  MLproject: 'yaml',
  Makefile: 'makefile',
};

const BY_ENDING = new Map<string, ArtifactKind>();
for (const [kind, endings] of Object.entries(KINDS)) {
  for (const ending of endings.split(' ')) BY_ENDING.set(ending, kind as ArtifactKind);
}

export function kindOf(path: string): ArtifactKind {
  const ending = endingOf(path);
  return BY_ENDING.get(ending) ?? (languageOf(path) === null ? 'binary' : 'code');
}

/** The language of code or text, e.g. python; null for others. */
export function languageOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (Object.hasOwn(NAMES, name)) return NAMES[name] ?? null;
  const ending = endingOf(path);
  return (Object.hasOwn(LANGUAGES, ending) && LANGUAGES[ending]) || null;
}

function endingOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
