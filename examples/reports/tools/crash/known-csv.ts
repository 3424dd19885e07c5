/** A CSV file whose figures are known from how it was made. */
export interface KnownCsv {
  readonly text: string;
  readonly rows: number;
  readonly missing: number;
  readonly mean: number;
}

const LARGE_SHARE = 0.1;
const MISSING_SHARE = 0.05;

/** Makes a file of whole numbers, small as a rule and now and then of some megabytes. */
export function createKnownCsv(index: number, random: () => number): KnownCsv {
  const rows = 1 + Math.floor(random() * (random() < LARGE_SHARE ? 150_000 : 3_000));
  const lines = ['id,value,note'];
  let [sum, missing] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const isMissing = random() < MISSING_SHARE;
    const value = Math.floor(random() * 1e6);
    if (isMissing) missing++;
    else sum += value;
    lines.push(`${index}-${row},${isMissing ? '' : value},"a, b"`);
  }
  return { text: `${lines.join('\n')}\n`, rows, missing, mean: sum / (rows - missing) };
}
