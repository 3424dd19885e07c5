/** One attempt under a key that is under way in this process; callers of the same key wait for it. */
export class IdempotencyFlight {
  readonly fingerprint: string;
  /** Whether the key is owned and the function runs. */
  running = false;
  /** Resolves when it runs or has landed. */
  readonly decided: Promise<void>;
  /** Resolves with the stored text, or with `undefined` when it came to nothing; never rejects. */
  readonly landed: Promise<string | undefined>;
  #decide: () => void = () => undefined;
  #land: (text: string | undefined) => void = () => undefined;

  constructor(fingerprint: string) {
    this.fingerprint = fingerprint;
    this.decided = new Promise((resolve) => (this.#decide = resolve));
    this.landed = new Promise((resolve) => (this.#land = resolve));
  }

  takeOff(): void {
    this.running = true;
    this.#decide();
  }

  land(text: string | undefined): void {
    this.#decide();
    this.#land(text);
  }
}
