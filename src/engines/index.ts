export { answerAhead } from './answer-ahead.ts';
export type { Platform } from './platform.ts';
