// The peers that bring no types: the members that are called here.

declare module 'koa-compose' {
  type Layer<C> = (context: C, next: () => Promise<unknown>) => unknown;
  export default function compose<C>(layers: Layer<C>[]): (context: C) => Promise<unknown>;
}

declare module 'opossum' {
  export default class CircuitBreaker<T> {
    constructor(action: () => Promise<T>, options: { timeout: number; rollingPercentilesEnabled: boolean });
    fire(): Promise<T>;
    shutdown(): void;
  }
}
