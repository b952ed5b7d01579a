import { parse as parseYaml } from 'yaml';

type Ecosystem = 'pip' | 'conda' | 'npm' | 'system';

export interface Package {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  /** As the file tells it, without `==`; empty when it tells none. */
  readonly version: string;
}

/**
 * Packages that a file of an environment names: requirements.txt and what pip freeze writes, conda.yaml, python_env.yaml
 * (MLflow), uv.lock, poetry.lock, Pipfile.lock, package-lock.json and machine.json (`trimtab run`). A file that cannot be
 * read as what its name says names none.
 */
export function packagesIn(path: string, text: string): readonly Package[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const read = READERS[name];
  if (!read) return [];
  try {
    return read(text);
  } catch {
    return [];
  }
}

/** True of files that {@link packagesIn} can read, and of other lock files whose text is worth a comparison. */
export function isEnvironmentFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return Object.hasOwn(READERS, name) || path.startsWith('environment/');
}

const READERS: Readonly<Record<string, (text: string) => readonly Package[]>> = {
  'pip-freeze.txt': requirements,
  'requirements.txt': requirements,
  'conda.yaml': conda,
  'environment.yml': conda,
  'environment.yaml': conda,
  'python_env.yaml': pythonEnvironment,
  'uv.lock': tomlLock,
  'poetry.lock': tomlLock,
  'Pipfile.lock': pipfileLock,
  'package-lock.json': packageLock,
  'machine.json': machine,
};

function requirements(text: string): Package[] {
  // A line that ends in a backslash goes on; hashes follow that way.
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => requirement(line) ?? []);
}

/** PEP 508: `name[extra] == 1.2 ; marker`, `name @ url`. */
function requirement(line: string): Package | undefined {
  const plain = line.replace(/(^|\s)#.*$/, '').trim();
  const [, name, rest = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(plain) ?? [];
  if (name === undefined) return undefined;
  const told = rest
    .replace(/\s*;.*$/, '')
    .replace(/\s+--.*$/, '')
    .replace(/\s+/g, '');
  const version = told.startsWith('@') ? told.slice(1) : told.replace(/^===?/, '');
  if (version !== '' && !/^[0-9A-Za-z<>=!~@(]/.test(version)) return undefined;
  return { ecosystem: 'pip', name: normalName(name), version };
}

/** PEP 503: `Foo_Bar.baz` and `foo-bar-baz` are the same package. */
function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function conda(text: string): Package[] {
  const { dependencies } = recordOf(parseYaml(text, YAML));
  return listOf(dependencies).flatMap((item) => {
    if (typeof item !== 'string') return listOf(recordOf(item).pip).flatMap((line) => requirement(String(line)) ?? []);
    const [, name, version = ''] = /^(?:[^:\s]+::)?([A-Za-z0-9._-]+)\s*(.*)$/.exec(item.trim()) ?? [];
    if (name === undefined) return [];
    const exact = /^==?([^=<>!,\s]+)(=[^=<>!,\s]+)?$/.exec(version);
    return [{ ecosystem: 'conda' as const, name: name.toLowerCase(), version: exact?.[1] ?? version }];
  });
}

function pythonEnvironment(text: string): Package[] {
  const { python, build_dependencies, dependencies } = recordOf(parseYaml(text, YAML));
  const lines = [...listOf(build_dependencies), ...listOf(dependencies)].map(String);
  const interpreter =
    python === undefined ? [] : [{ ecosystem: 'system' as const, name: 'python', version: String(python) }];
  return [...interpreter, ...lines.flatMap((line) => requirement(line) ?? [])];
}

/** Aliases that multiply would let a small file fill memory; what is odd in a file of a stranger is no news of ours. */
const YAML = { maxAliasCount: 100, logLevel: 'error' } as const;

function tomlLock(text: string): Package[] {
  return text
    .split(/^\[\[package\]\]\s*$/m)
    .slice(1)
    .flatMap((block) => {
      // What follows in a sub-table is of another thing.
      const own = block.split(/^\[/m)[0] ?? '';
      const name = /^name = "([^"]+)"/m.exec(own)?.[1];
      const version = /^version = "([^"]+)"/m.exec(own)?.[1] ?? '';
      return name === undefined ? [] : [{ ecosystem: 'pip' as const, name: normalName(name), version }];
    });
}

function pipfileLock(text: string): Package[] {
  const lock = recordOf(JSON.parse(text));
  return [lock.default, lock.develop].flatMap((group) =>
    Object.entries(recordOf(group)).map(([name, entry]) => {
      const { version = '' } = recordOf(entry);
      return { ecosystem: 'pip' as const, name: normalName(name), version: String(version).replace(/^==/, '') };
    }),
  );
}

/** The packages a project gets by name; copies of other versions deeper down are left out. */
function packageLock(text: string): Package[] {
  const lock = recordOf(JSON.parse(text));
  const entries = Object.entries(recordOf(lock.packages ?? lock.dependencies));
  return entries.flatMap(([path, entry]) => {
    const name = path.replace(/^node_modules\//, '');
    if (name === '' || name.includes('node_modules/')) return [];
    const { version = '' } = recordOf(entry);
    return [{ ecosystem: 'npm' as const, name, version: String(version) }];
  });
}

/** What `trimtab run` tells of the machine. */
function machine(text: string): Package[] {
  const told = recordOf(JSON.parse(text));
  const facts: [string, unknown][] = [
    ['python', told.python],
    ['operating system', [told.system, told.release].filter(Boolean).join(' ')],
    ['architecture', told.architecture],
    ['cpu', told.cpu],
    ['gpus', listOf(told.gpus).join(', ')],
    ...Object.entries(recordOf(told.variables)),
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === null || value === ''
      ? []
      : [{ ecosystem: 'system' as const, name, version: String(value) }],
  );
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
