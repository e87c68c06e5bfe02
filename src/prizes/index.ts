export type { Prize, PrizeTable, Reward } from '../fairness/index.ts';
export { expectedValue, oddsOf, type Odds } from './odds.ts';
export { tableIssues } from './validation.ts';
