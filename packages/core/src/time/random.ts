/** The platform's pseudo-random numbers in [0, 1): the default wherever an option is called `random`. */
export const systemRandom: () => number = () => Math.random();
