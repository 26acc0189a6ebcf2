export { fuzz, mutated, oddNumber, type FuzzBudget } from './fuzz.js';
