import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { FakeGateway } from './fake-gateway.ts';
import { venueRow } from './page-data.ts';

const CONFIG = fileURLToPath(new URL('../../../web/vite.config.ts', import.meta.url));
export const CHROMIUM_PATH = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const WIDE = { width: 1440, height: 860 };

/** The built page in Chromium before a gateway that says what the test sets: one page and one gateway a test. */
export class PageRig {
  gateway!: FakeGateway;
  page!: Page;
  #complaints: string[] = [];
  #expected: RegExp | null = null;
  #browser!: Browser;
  #webRoot = '';

  /** To be called once in a test file. */
  constructor() {
    before(async () => {
      this.#webRoot = await mkdtemp(join(tmpdir(), 'spreadscope-page-'));
      await build({
        configFile: CONFIG,
        logLevel: 'error',
        build: { outDir: this.#webRoot, reportCompressedSize: false },
      });
      this.#browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    });
    after(async () => {
      await this.#browser.close();
      await rm(this.#webRoot, { recursive: true, force: true });
    });
    beforeEach(async () => {
      this.gateway = await FakeGateway.start(this.#webRoot);
      this.gateway.venues = [
        venueRow('binance', 'Binance', 'live'),
        venueRow('okx', 'OKX', 'live'),
        venueRow('gate', 'Gate', 'stale', 'no message for 12 s'),
        venueRow('mexc', 'MEXC', 'down', 'connection refused'),
      ];
      this.#complaints = [];
      this.#expected = null;
    });
    afterEach(async () => {
      await this.page.close();
      await this.gateway.stop();
      assert.deepEqual(this.#complaints, [], 'the browser complained');
    });
  }

  /** Opens the page; whatever the browser complains about (a breach of the content policy included) fails the test. */
  async open(path = '/', viewport = WIDE): Promise<void> {
    const page = await this.#browser.newPage({ viewport });
    this.page = page;
    page.setDefaultTimeout(8_000);
    page.on('pageerror', (error) => this.#complaints.push(error.message));
    page.on('console', (message) => {
      // A refused socket is what the reconnect tests make on purpose.
      const refused = /WebSocket connection|ERR_CONNECTION_REFUSED/.test(message.text());
      const expected = refused || this.#expected?.test(message.text()) === true;
      if (message.type() === 'error' && !expected) this.#complaints.push(message.text());
    });
    await page.goto(this.gateway.url + path);
  }

  /** What the browser will complain about because the test makes it. */
  expectComplaint(pattern: RegExp): void {
    this.#expected = pattern;
  }

  said(selector: string, text: string | RegExp): Promise<void> {
    return this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** A subscription to the topic with parameters that pass. */
  params(topic: string, passes: (params: Readonly<Record<string, unknown>>) => boolean) {
    return this.gateway.command(
      (command) => command.op === 'subscribe' && command.topic === topic && passes({ ...command.params }),
    );
  }

  /** How far an element's content reaches past its right edge, in pixels. */
  overflow(selector: string): Promise<number> {
    return this.page
      .locator(selector)
      .first()
      .evaluate(
        (element: { readonly scrollWidth: number; readonly clientWidth: number }) =>
          element.scrollWidth - element.clientWidth,
      );
  }
}
