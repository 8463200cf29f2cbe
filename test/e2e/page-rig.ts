import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const CONFIG = fileURLToPath(new URL('../../../web/vite.config.ts', import.meta.url));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const WIDE = { width: 1440, height: 860 };

/** A browser and the page as it is built, for tests. */
export class PageRig {
  readonly webRoot: string;
  readonly #browser: Browser;
  /** What the browser complained about, a breach of the content policy included. */
  readonly complaints: string[] = [];

  private constructor(webRoot: string, browser: Browser) {
    this.webRoot = webRoot;
    this.#browser = browser;
  }

  static async start(): Promise<PageRig> {
    const webRoot = await mkdtemp(join(tmpdir(), 'spreadscope-page-'));
    const outDir = { outDir: webRoot, reportCompressedSize: false };
    await build({ configFile: CONFIG, logLevel: 'error', build: outDir });
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
    return new PageRig(webRoot, await chromium.launch({ executablePath, args: FLAGS }));
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await rm(this.webRoot, { recursive: true, force: true });
  }

  async open(url: string, viewport = WIDE): Promise<Page> {
    const page = await this.#browser.newPage({ viewport });
    page.setDefaultTimeout(8_000);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // A refused socket is what the reconnect tests make on purpose.
      const refused = /WebSocket connection|ERR_CONNECTION_REFUSED/.test(message.text());
      if (message.type() === 'error' && !refused) this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }
}
