import { isUtf8 } from 'node:buffer';

/** The length of a sequence that the bytes end in the middle of, 0 to 3. */
function unfinishedTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    if (byte > 0xf4) return 0;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? back : 0;
  }
  return 0;
}

/** The place of the first byte that cannot follow the ones before it; slow, for a block known to be wrong. */
function firstInvalid(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.length; at++) {
    try {
      decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      return at;
    }
  }
  return bytes.length;
}

/** Checks a stream for valid UTF-8, whatever the cuts between its blocks. */
export class Utf8Checker {
  #carried: Buffer = Buffer.alloc(0);

  /**
   * Checks the next block. Returns the place of the first wrong byte, negative when it is in a block before,
   * `undefined` when there is none.
   */
  check(block: Buffer): number | undefined {
    const joined = this.#carried.length === 0 ? block : Buffer.concat([this.#carried, block]);
    const tail = unfinishedTail(joined);
    if (!isUtf8(joined.subarray(0, joined.length - tail))) return firstInvalid(joined) - this.#carried.length;
    this.#carried = Buffer.from(joined.subarray(joined.length - tail));
    return undefined;
  }

  /** Ends the stream. Returns the place, from its end, where a sequence breaks or is cut off. */
  end(): number | undefined {
    return this.#carried.length === 0 ? undefined : firstInvalid(this.#carried) - this.#carried.length;
  }
}
