/** The longest text that a report shows, in code units. */
export const SHOWN_CHARACTERS = 100;

/** Cuts a long text, keeping no reference to it: a plain slice would hold the whole in memory. */
export function shorten(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  const last = text.charCodeAt(SHOWN_CHARACTERS - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? SHOWN_CHARACTERS - 1 : SHOWN_CHARACTERS;
  return Buffer.from(`${text.slice(0, end)}…`, 'utf16le').toString('utf16le');
}
