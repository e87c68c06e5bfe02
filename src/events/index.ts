export {
  defineCallback,
  defineEvent,
  matches,
  type Callback,
  type CallbackKind,
  type EventKind,
  type FactView,
  type Names,
  type View,
} from './event.ts';
export { readCallbacks, readGiven, readSubscribed, type Position, type Step } from './journal-reader.ts';
export { Events, type Rendered } from './render.ts';
