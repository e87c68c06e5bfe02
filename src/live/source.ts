import type { AggregateFact, AggregateName } from '../journal/index.ts';
import type { OperatorNo } from '../kernel/index.ts';

/** What can be watched: a state, and facts that are announced each. */
export interface Source<State = any> {
  readonly operator: OperatorNo;
  /** The aggregate whose facts number the events. Those that are announced are among them. */
  readonly aggregate: AggregateName;
  /** Other aggregates whose facts change the state. */
  others(state: State): readonly AggregateName[];
  /** After which time the state is read again, if it also changes by something else than facts. */
  readonly refreshMs?: number;
  /** The numbers of the kinds of facts that are announced. */
  readonly kinds: readonly number[];
  /** Reads the state. */
  state(): Promise<State>;
  /** The operations of the last announced facts, and whether there were none before. */
  recent(): Promise<{ readonly operations: readonly string[]; readonly complete: boolean }>;
  /** The response that shows a state. @param missed whether announcements before it may be missing. */
  showState(state: State, eventId: string, missed: boolean): object;
  /** The response that says nothing. */
  readonly heartbeat: object;
  /** The response that announces a fact. */
  announce(fact: AggregateFact, eventId: string): object;
}

/** The paces of live streams. */
export interface Paces {
  /** Between two looks into the journal. */
  readonly pollMs: number;
  /** Between two states of one watcher. */
  readonly stateMs: number;
  /** After which silence a watcher gets a heartbeat. */
  readonly heartbeatMs: number;
  /** After which a stream ends. */
  readonly lifeMs: number;
  /** How long what nobody watches is kept for those that return. */
  readonly keptMs: number;
  /** How many watchers get a state within a second, over all. */
  readonly statesPerSecond: number;
  /** How many watchers get an announcement within a second, as long as `announcementBurst` lasts. */
  readonly announcementsPerSecond: number;
  readonly announcementBurst: number;
}

export const PACES: Paces = {
  pollMs: 200,
  stateMs: 1000,
  heartbeatMs: 10_000,
  lifeMs: 3_600_000,
  keptMs: 10_000,
  statesPerSecond: 2000,
  announcementsPerSecond: 10_000,
  announcementBurst: 20_000,
};
