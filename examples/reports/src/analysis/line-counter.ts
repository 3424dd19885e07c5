/** Knows the physical line of a place in a window that moves over a file; each byte is looked at once. */
export class LineCounter {
  readonly #lineEnd: number;
  /** The line of the byte at `#counted` of the window. */
  #line = 1;
  #counted = 0;

  constructor(lineEnd: number) {
    this.#lineEnd = lineEnd;
  }

  /** The line of the byte at `at`, which is never before a place already asked for. */
  lineAt(window: Buffer, at: number): number {
    for (;;) {
      const end = window.indexOf(this.#lineEnd, this.#counted);
      if (end < 0 || end >= at) break;
      this.#counted = end + 1;
      this.#line++;
    }
    return this.#line;
  }

  /** The place after the end of the line that holds `at`. */
  nextLine(window: Buffer, at: number): number {
    const end = window.indexOf(this.#lineEnd, at);
    return end < 0 ? window.length : end + 1;
  }

  /** Moves the window on by `count` bytes. */
  drop(window: Buffer, count: number): void {
    this.lineAt(window, count);
    this.#counted = Math.max(0, this.#counted - count);
  }
}
