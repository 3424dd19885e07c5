import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium } from '../../../../tools/servers/chromium.ts';
import { until } from '../../tools/until.ts';
import { dataSet, type TestService, useService } from './use-service.ts';

const INSTALL_MS = 300_000;
const WIDE = { width: 1280, height: 900 };
const start = useService();
let browser: Browser;
let screenshots: string;
let page: Page;
let service: TestService;
/** What the browser had to complain of: errors of scripts, blocked content, failed requests. */
let complaints: string[] = [];

beforeAll(async () => {
  const executablePath = await findChromium();
  [browser, screenshots] = await Promise.all([chromium.launch({ executablePath }), mkdtemp(join(tmpdir(), 'reports-page-'))]);
}, INSTALL_MS);

afterAll(async () => {
  await browser.close();
  if (process.env['KEEP_SCREENSHOTS'] === undefined) await rm(screenshots, { recursive: true, force: true });
  else console.log(`screenshots: ${screenshots}`);
});

beforeEach(async () => {
  service = await start({ concurrency: 1 });
  page = await browser.newPage({ viewport: WIDE });
  complaints = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(service.url);
});

afterEach(() => page.close());

async function choose(name: string, text: string | Buffer): Promise<void> {
  await page.setInputFiles('#file', { name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

async function drop(path: string): Promise<void> {
  const content = await readFile(path, 'utf8');
  const dataTransfer = await page.evaluateHandle(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(basename(path))}, { type: 'text/csv' }));
    return data;
  })()`);
  await page.dispatchEvent('#drop', 'drop', { dataTransfer });
}

/** The text of a fact of the report that is shown. */
function fact(name: string): Promise<string> {
  return page.locator('.facts > div', { has: page.getByText(name, { exact: true }) }).locator('dd').innerText();
}

describe('the page in a real browser', () => {
  it('shows a file that is dropped on it as figures and histograms', async () => {
    await page.getByText('Drop a CSV file to see its columns').waitFor();
    await drop(dataSet('seattle-weather.csv'));
    await page.locator('.detail .state', { hasText: 'succeeded' }).waitFor();
    expect(await page.locator('h2.title').innerText()).toBe('seattle-weather.csv');
    expect([await fact('Rows'), await fact('Columns'), await fact('Separated by')]).toEqual(['1,461', '6', 'comma']);
    const card = page.locator('article', { has: page.getByRole('heading', { name: 'temp_max' }) });
    expect(await card.locator('div', { hasText: /^Mean/ }).locator('dd').innerText()).toBe('16.4391');
    expect(await card.getByRole('img', { name: 'Histogram of temp_max from -1.6 to 35.6' }).isVisible()).toBe(true);
    expect(await card.locator('rect.bin').count()).toBeGreaterThan(5);
    await page.screenshot({ path: join(screenshots, 'charts.png'), fullPage: true });

    await page.getByRole('button', { name: 'Table' }).click();
    expect(await page.locator('article').first().isVisible()).toBe(false);
    const row = page.locator('tbody tr', { hasText: 'temp_max' });
    expect(await row.locator('td').allInnerTexts()).toEqual(expect.arrayContaining(['number', '1,461', '-1.6', '35.6', '16.4391']));
    await page.screenshot({ path: join(screenshots, 'table.png') });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Charts' }).click();
    await page.screenshot({ path: join(screenshots, 'dark.png') });
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.screenshot({ path: join(screenshots, 'narrow.png') });
    expect(complaints).toEqual([]);
  });

  it('shows the progress of a large file that is chosen, and cancels it', async () => {
    const file = join(screenshots, 'large.csv');
    await writeFile(file, 'n\n' + '1234567\n'.repeat(4_000_000));
    await page.setInputFiles('#file', file);
    await page.locator('#bar-text', { hasText: /\d+ % · [\d,]+ rows · [\d.]+ MB of 32.0 MB/ }).waitFor();
    expect(await page.locator('#bar').getAttribute('max')).toBe('1');
    await page.screenshot({ path: join(screenshots, 'progress.png') });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('This report was cancelled.').waitFor();
    expect((await service.list()).map(({ state }) => state)).toEqual(['cancelled']);
    expect(complaints).toEqual([]);
  });

  it('says why a file is refused, and takes the next one', async () => {
    await choose('picture.csv', Buffer.from('89504e470d0a1a0a', 'hex'));
    const problem = page.getByRole('alert');
    await problem.getByText('The file is not valid UTF-8: it breaks at byte offset 0, on line 1.').waitFor();
    await page.screenshot({ path: join(screenshots, 'refused.png') });
    expect(complaints).toEqual([expect.stringContaining('422')]);
    await problem.getByRole('button', { name: 'Dismiss' }).click();
    await choose('good.csv', 'a\n1\n');
    await page.locator('.detail .state', { hasText: 'succeeded' }).waitFor();
    expect(await problem.isVisible()).toBe(false);
  });

  it('says why no report could be made', async () => {
    await choose('blank.csv', '\n\n\n');
    await page.getByText('There is no header: the file holds nothing but blank lines.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('lists the rows that could not be read', async () => {
    await choose('ragged.csv', 'a,b\n1,2\n3\n4,5,6\n7,8\n');
    await page.getByText('2 rows could not be read and are left out of the figures').waitFor();
    expect(await page.locator('details table tbody tr').allInnerTexts()).toEqual(['3\texpected 2 fields, found 1', '4\texpected 2 fields, found 3']);
    expect(await fact('Rows left out')).toBe('2');
    expect(complaints).toEqual([]);
  });

  it('shows markup in a file as text', async () => {
    const markup = '<img src=x onerror=alert(1)>';
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    await choose(`${markup}.csv`, `<b>name</b>,"${markup}"\n${markup},<script>alert(2)</script>\n`);
    await page.locator('.detail .state', { hasText: 'succeeded' }).waitFor();
    expect(await page.locator('#detail').innerText()).toContain(markup);
    expect(await page.locator('#detail').innerText()).toContain('<script>alert(2)</script>');
    await page.getByRole('button', { name: 'Table' }).click();
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('allows no script but its own', async () => {
    const ran = await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruder = true';
      document.body.append(script);
      return 'intruder' in globalThis;
    })()`);
    expect(ran).toBe(false);
    await until(() => complaints.length > 0);
    expect(complaints.join()).toContain('Content Security Policy');
  });

  it('shows reports of before, also after it is loaded again', async () => {
    const id = await service.accepted(await readFile(dataSet('co2-concentration.csv')));
    await service.reached(id, 'succeeded');
    await page.reload();
    await page.getByRole('button', { name: `Report ${id.slice(0, 8)}` }).click();
    await page.getByRole('heading', { name: 'adjusted CO2' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'adjusted CO2' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
