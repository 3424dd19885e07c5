import { once } from 'node:events';
import { type Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createSeededRandom } from '../src/analysis/seeded-random.ts';

const HEADER = 'id,created,city,temperature,amount,active,comment,reading\n';
const CITIES = ['Oslo', 'Rome', 'Köln', '東京', 'São Paulo', '"Newcastle, NSW"', '"The ""Hague"""'];
const WORDS = ['late', 'early', 'comma, here', 'a ""quoted"" word', 'two\nlines', 'plain', 'naïve', '🚀'];
const DAY_MS = 86_400_000;

/** Rows of numbers, dates, quoted text and missing cells; the same seed gives the same bytes. */
function createRow(random: () => number): (id: number) => string {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const orMissing = (share: number, value: string): string => (random() < share ? '' : value);
  return (id) => {
    const created = new Date(Date.UTC(2000, 0, 1) + Math.floor(random() * 9_000) * DAY_MS).toISOString().slice(0, 10);
    const temperature = orMissing(0.05, (random() * 60 - 20).toFixed(1));
    const amount = orMissing(0.01, (random() ** 3 * 1e6).toFixed(2));
    const comment = orMissing(0.3, `"${pick(WORDS)}, ${pick(WORDS)} ${pick(WORDS)}"`);
    return `${id},${created},${pick(CITIES)},${temperature},${amount},${random() < 0.7},${comment},${random() < 0.02 ? 'NA' : Math.floor(random() * 1e9)}\n`;
  };
}

/** A CSV file of about `bytes` bytes (at least that many, by less than a block of 64 KiB more), block by block. */
export function* generateCsv(bytes: number, seed = 1): Generator<Buffer, void> {
  const row = createRow(createSeededRandom(seed));
  let block = HEADER;
  let written = 0;
  for (let id = 1; written + block.length < bytes; id++) {
    block += row(id);
    if (block.length < 65_536) continue;
    const buffer = Buffer.from(block);
    written += buffer.length;
    block = '';
    yield buffer;
  }
  if (block !== '') yield Buffer.from(block);
}

async function write(bytes: number, seed: number, to: Writable): Promise<void> {
  for (const block of generateCsv(bytes, seed)) {
    if (!to.write(block)) await once(to, 'drain');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [megabytes = '200', seed = '1'] = process.argv.slice(2);
  await write(Number(megabytes) * 1e6, Number(seed), process.stdout);
}
