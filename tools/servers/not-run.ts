/** Marks the tests of a server that could not be had; the count of tests not run goes by it. */
export const NOT_RUN = 'NOT RUN';
