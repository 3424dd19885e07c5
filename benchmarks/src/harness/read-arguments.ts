import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchArguments {
  /** Names of groups. */
  readonly groups: readonly string[];
  /** Only rows whose name has this text in it; sizes are left out then. */
  readonly only: string | undefined;
  readonly quick: boolean;
  readonly rounds: number;
  /** Where to write all figures as JSON. */
  readonly json: string | undefined;
}

const MIN_ROUNDS = 5;
const DEFAULT_ROUNDS = 7;
const QUICK_ROUNDS = 1;

/** Reads the command line; an error names what is wrong with it. */
export function readArguments(args: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no group '${unknown}'; the groups are ${known.join(', ')}`);
  const { only, quick, json } = values;
  return { groups: positionals.length > 0 ? positionals : known, only, quick, rounds: readRounds(values.rounds, quick), json };
}

function readRounds(text: string | undefined, quick: boolean): number {
  if (text === undefined) return quick ? QUICK_ROUNDS : DEFAULT_ROUNDS;
  const rounds = Number(text);
  const least = quick ? QUICK_ROUNDS : MIN_ROUNDS;
  if (!Number.isSafeInteger(rounds) || rounds < least) throw new Error(`--rounds must be a whole number from ${least}, not '${text}'`);
  return rounds;
}
