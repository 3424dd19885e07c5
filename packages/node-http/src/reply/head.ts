import { invalidOption } from '@tunic/core';

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** How a message is framed is for the server to say; a header that claims otherwise splits or merges replies. */
const FRAMING: ReadonlySet<string> = new Set(['transfer-encoding', 'keep-alive', 'upgrade', 'trailer']);

/**
 * The head of a reply while it is put together: one flat list of lower-case names and values, sent in the order in
 * which it was filled. Names and values are checked when they are set. Once the reply has been sent, changes are
 * ignored and counted.
 */
export interface Head {
  /** The value, several joined by `, `. */
  get(name: string): string | undefined;
  /**
   * Replaces all values of the name.
   *
   * @throws `ERR_TUNIC_OPTION` when the name is no token, when the value holds a line break, another control character
   * or anything beyond Latin-1, and for headers that belong to the server (`transfer-encoding`, `keep-alive`, `upgrade`,
   * `trailer`; `connection` may only be `close`; `content-length` only digits)
   */
  set(name: string, value: string | number): void;
  /** Adds one more line under the name; several `set-cookie` stay apart. Checks as {@link Head.set}. */
  append(name: string, value: string | number): void;
  delete(name: string): void;
  /** Adds field names to `Vary`, each once; `*` replaces all others. */
  vary(...fields: string[]): void;
}

/** Counts the changes that came too late to matter. */
export interface LateWrites {
  lateWrites: number;
}

/** The one implementation of {@link Head}. */
export class HeadList implements Head {
  /** Names at even places, values at odd ones. */
  #list: string[] = [];
  #sealed = false;
  readonly #counter: LateWrites;

  constructor(counter: LateWrites) {
    this.#counter = counter;
  }

  /** Ends all changes and hands the list over. */
  seal(): string[] {
    this.#sealed = true;
    return this.#list;
  }

  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    let found: string | undefined;
    for (let at = 0; at < this.#list.length; at += 2) {
      if (this.#list[at] !== wanted) continue;
      const value = this.#list[at + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  set(name: string, value: string | number): void {
    const key = checkName(name);
    const text = checkValue(key, value);
    if (!this.#late()) this.put(key, text);
  }

  /** {@link set} for names and values that are known to be right. */
  put(key: string, text: string): void {
    const at = this.#find(key);
    if (at < 0) this.#list.push(key, text);
    else {
      this.#list[at + 1] = text;
      this.#removeFrom(at + 2, key);
    }
  }

  append(name: string, value: string | number): void {
    const key = checkName(name);
    const text = checkValue(key, value);
    if (this.#late()) return;
    // Two lengths or two wishes for the connection are never right.
    if (key === 'content-length' || key === 'connection') this.#removeFrom(0, key);
    this.#list.push(key, text);
  }

  delete(name: string): void {
    if (!this.#late()) this.#removeFrom(0, name.toLowerCase());
  }

  vary(...fields: string[]): void {
    const known = (this.get('vary') ?? '').split(',').map((field) => field.trim()).filter((field) => field !== '');
    const seen = new Set(known.map((field) => field.toLowerCase()));
    for (const field of fields) {
      const key = field === '*' ? field : checkName(field);
      if (seen.has(key)) continue;
      seen.add(key);
      known.push(field);
    }
    if (known.length > 0) this.set('vary', seen.has('*') ? '*' : known.join(', '));
  }

  /** Drops every header for which `unwanted` holds. */
  strip(unwanted: (name: string) => boolean): void {
    if (!this.#sealed) this.#list = this.#list.filter((_, at) => !unwanted(this.#list[at & ~1] ?? ''));
  }

  #late(): boolean {
    if (this.#sealed) this.#counter.lateWrites += 1;
    return this.#sealed;
  }

  #find(key: string): number {
    for (let at = 0; at < this.#list.length; at += 2) if (this.#list[at] === key) return at;
    return -1;
  }

  #removeFrom(start: number, key: string): void {
    for (let at = this.#list.length - 2; at >= start; at -= 2) if (this.#list[at] === key) this.#list.splice(at, 2);
  }
}

function checkName(name: string): string {
  const key = name.toLowerCase();
  if (!NAME.test(key)) throw invalidOption('header name', 'a token (RFC 9110 §5.6.2)', name);
  if (FRAMING.has(key)) throw invalidOption('header name', 'a header that does not belong to the server', name);
  return key;
}

function checkValue(key: string, value: string | number): string {
  const text = typeof value === 'string' ? value : String(value);
  if (!VALUE.test(text)) throw invalidOption(`header ${key}`, 'Latin-1 text without line breaks or control characters', text);
  if (key === 'content-length' && !/^\d+$/.test(text)) throw invalidOption('header content-length', 'digits', text);
  if (key === 'connection' && text.toLowerCase() !== 'close') throw invalidOption('header connection', '"close"', text);
  return text;
}
