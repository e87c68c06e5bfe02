export { timeText } from './time-text.ts';
export { pathOf, rootOf } from './merkle.ts';
export { chain } from './chain.ts';
export type { Caller, OperatorNo, Role } from './caller.ts';
export { dayIn, startOfDay } from './days.ts';
export { failureOf, invalid, ApiError, type FieldIssue, type Reason, type ApiErrorDetails } from './errors.ts';
export { uuidv7, type Uuid } from './ids.ts';
export {
  capped,
  formatDecimal,
  fromNumber,
  MICROS_MAX,
  nearest,
  ONE,
  parseDecimal,
  toNumber,
  type Micros,
} from './money.ts';
export { pageOf, positionNumber, tokenAfter, tokenPosition, type PageRequest } from './pages.ts';
export { checkSchedule, checkZone, lastOccurrence, nextOccurrence, type Schedule } from './schedule.ts';
export { TokenBuckets, type RateLimit } from './token-buckets.ts';
