/** Calls `onSignal` with the number of signals so far, for any of these, until the returned function is called. */
export function watchSignals(
  signals: readonly NodeJS.Signals[],
  onSignal: (signal: NodeJS.Signals, count: number) => void,
): () => void {
  let count = 0;
  const hear = (signal: NodeJS.Signals): void => onSignal(signal, ++count);
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}
