interface Link {
  run: () => void;
  previous: Link | undefined;
  next: Link | undefined;
  linked: boolean;
}

/**
 * All that waits on one signal, behind one listener: adding a listener to a signal that has thousands costs tens of
 * microseconds, and Node warns of a leak from the eleventh on.
 */
class AbortHub {
  readonly #signal: AbortSignal;
  #head: Link | undefined;
  #tail: Link | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  readonly #fire = (): void => {
    hubs.delete(this.#signal);
    // A callback may unlink any other, so the list is emptied from its head rather than walked.
    for (let link = this.#head; link !== undefined; link = this.#head) {
      this.remove(link);
      link.run();
    }
  };

  add(run: () => void): Link {
    const link: Link = { run, previous: this.#tail, next: undefined, linked: true };
    if (this.#tail === undefined) {
      this.#head = link;
      this.#signal.addEventListener('abort', this.#fire, { once: true });
    } else this.#tail.next = link;
    this.#tail = link;
    return link;
  }

  remove(link: Link): void {
    if (!link.linked) return;
    link.linked = false;
    if (link.previous === undefined) this.#head = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#tail = link.previous;
    else link.next.previous = link.previous;
    if (this.#head === undefined) this.#signal.removeEventListener('abort', this.#fire);
  }
}

const hubs = new WeakMap<AbortSignal, AbortHub>();

/**
 * Calls `run` once when `signal` aborts, in order of registration. The signal must not be aborted yet, and `run` must
 * not throw. Returns the function that takes the registration back, in O(1); calling it late or twice does nothing.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  let hub = hubs.get(signal);
  if (hub === undefined) {
    hub = new AbortHub(signal);
    hubs.set(signal, hub);
  }
  const owner = hub;
  const link = owner.add(run);
  return () => owner.remove(link);
}
