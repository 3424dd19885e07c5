export { createSeededRandom } from './seeded-random.ts';
