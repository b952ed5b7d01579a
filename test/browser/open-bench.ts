import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { type Client, createClient } from '#sdk';
import { parseConfig, type RunningServer, startServer } from '#server';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHROMIUM = process.env.TRIMTAB_CHROMIUM ?? '';

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
type Size = keyof typeof SIZES;

// In a container there is no user namespace for Chromium's sandbox, and the page is our own. The rest keeps it from
// doing anything but showing that page.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** A busy machine is given time; what is waited for is a condition, never a time. */
const PATIENCE_MS = 30_000;

interface BenchSettings {
  /** '0' leaves out the check of every answer, which takes time. */
  readonly checkAnswers?: string;
  readonly simulatedClock?: string;
  readonly token?: string;
  readonly appName?: string;
  readonly adminPassword?: string;
}

export interface BrowserBench {
  readonly client: Client;
  readonly url: string;
  /** Where the server keeps its facts. */
  readonly database: string;
  /** A page in a context of its own, and what its console complained about. */
  open(options?: { readonly size?: Size; readonly scheme?: 'light' | 'dark' }): Promise<OpenPage>;
  close(): Promise<void>;
}

export interface OpenPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Goes to an address and waits until nothing is being loaded any more. */
  visit(path: string): Promise<void>;
}

/** A real server on a free port with a folder of its own, its page built, and a headless Chromium. */
export async function openBench(settings: BenchSettings = {}): Promise<BrowserBench> {
  const folder = mkdtempSync(join(tmpdir(), 'trimtab-browser-'));
  if (!existsSync(join(ROOT, 'dist/web/index.html'))) {
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error' });
  }
  const server = await startServer(
    parseConfig({ port: '0', dataDir: folder, checkAnswers: '1', logLevel: 'error', ...settings }),
  );
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    client: createClient({ baseUrl: server.url, token: settings.token }),
    url: server.url,
    database: `sqlite:${folder}/trimtab.db`,
    open: (options = {}) => openPage(browser, server, options),
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPage(
  browser: Browser,
  server: RunningServer,
  { size = 'desktop', scheme = 'light' }: { readonly size?: Size; readonly scheme?: 'light' | 'dark' },
): Promise<OpenPage> {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: SIZES[size],
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return {
    page,
    complaints,
    async visit(path) {
      await page.goto(path);
      await page.locator('h1').waitFor();
      await page.waitForFunction(() => document.querySelector('.skeleton') === null);
    },
  };
}
