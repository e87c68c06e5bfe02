export { Live } from './live.ts';
export type { Paces, Source } from './source.ts';
