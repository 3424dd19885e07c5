/** How a file separates its fields and rows. */
export interface Dialect {
  readonly delimiter: string;
  /** What ends a row: a lone CR only where the first line ends in one. */
  readonly lineEnds: readonly string[];
  /** The length of the byte order mark. */
  readonly bomBytes: number;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SAMPLED_ROWS = 50;

/** How often each candidate stands outside quotes, row by row. */
interface Sample {
  readonly rows: number[][];
  loneCr: boolean;
}

function sampleRows(head: Buffer): Sample {
  const codes: readonly number[] = DELIMITERS.map((delimiter) => delimiter.charCodeAt(0));
  const sample: Sample = { rows: [], loneCr: false };
  let row = codes.map(() => 0);
  let quoted = false;
  for (let at = 0; at < head.length && sample.rows.length < SAMPLED_ROWS; at++) {
    const byte = head[at] ?? 0;
    if (byte === QUOTE) quoted = !quoted;
    if (quoted) continue;
    if (byte === CR && sample.rows.length === 0 && head[at + 1] !== LF) sample.loneCr = true;
    if (byte === LF || (byte === CR && sample.loneCr)) {
      sample.rows.push(row);
      row = codes.map(() => 0);
    }
    const candidate = codes.indexOf(byte);
    if (candidate >= 0) row[candidate] = (row[candidate] ?? 0) + 1;
  }
  if (sample.rows.length === 0) sample.rows.push(row);
  return sample;
}

/** A delimiter is the better the more rows have as many of it as the header, and then the more fields it makes. */
function chooseDelimiter(rows: readonly (readonly number[])[]): string {
  let best = { delimiter: ',', share: 0, fields: 0 };
  DELIMITERS.forEach((delimiter, candidate) => {
    const fields = rows[0]?.[candidate] ?? 0;
    const share = fields === 0 ? 0 : rows.filter((row) => row[candidate] === fields).length / rows.length;
    if (share > best.share || (share === best.share && fields > best.fields)) best = { delimiter, share, fields };
  });
  return best.delimiter;
}

/** Finds out the dialect from the first bytes of a file; of `, ; tab |` a comma is taken where nothing speaks for another. */
export function detectDialect(head: Buffer, delimiter?: string): Dialect {
  const bomBytes = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const sample = sampleRows(head.subarray(bomBytes));
  return {
    delimiter: delimiter ?? chooseDelimiter(sample.rows),
    lineEnds: sample.loneCr ? ['\r'] : ['\r\n', '\n'],
    bomBytes,
  };
}
