export { MarkError, readMark, writeMark } from './file.ts';
export { checkMark, MarkKeeper, runOn } from './keeper.ts';
export { placeOutside } from './place.ts';
export { BEGIN_EPOCH, refusal } from './refusal.ts';
export { readState, type DatabaseState, type ReadState } from './state.ts';
