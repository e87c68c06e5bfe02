import type { FactKind, Table } from '../journal/index.ts';

/** What a view sees of a fact. */
export interface FactView<Data> {
  readonly data: Data;
  /** The operation, as answers name it. */
  readonly operationId: string;
  /** Microseconds since 1970. */
  readonly time: number;
  /** The number of its aggregate's row. */
  readonly aggregate: number;
}

/** A player, as the operator knows it. */
export interface PublicPlayer {
  readonly userId: string;
  /** The brand's name. */
  readonly brandId: string;
}

type RowNumber = number | bigint;

/** The public names of numbers in facts. They never change, so a view is the same whenever it is made. */
export interface Names {
  /** The operator's. */
  readonly operator: string;
  brand(number: RowNumber): string;
  asset(number: RowNumber): string;
  player(number: RowNumber): PublicPlayer;
  /** The operator's id of a definition. */
  definition(number: RowNumber): string;
  /** A state row, for what never changes of it, such as the definition that it belongs to. */
  row<Row extends { readonly id: number }>(table: Table<Row>, number: RowNumber): Readonly<Row>;
}

/** What a view makes of a fact. */
export interface View<Message> {
  /** The player whom it is about, whose brand is the event's; unset: several, or none. */
  readonly player?: RowNumber;
  /** The number of the event's brand where it is about no player; 0 or unset: none. */
  readonly brand?: RowNumber;
  readonly data: Message;
}

/**
 * A type of events: a pure view of facts. An engine lists its own beside its facts; a view may be made again at any
 * time, and must be the same.
 */
export interface EventKind<Data = any, Message = any> {
  /** Such as "lootbox.opened": what subscriptions name. */
  readonly type: string;
  /** The name that documents have for it; it then has their envelope, too. */
  readonly documented?: string;
  /** The kinds of facts that it is a view of, in all their versions. */
  readonly facts: readonly FactKind<Data>[];
  /** The message of the contract that the event's data is, such as "windfall.event.v1.LootboxOpened". */
  readonly message: string;
  readonly codec: { encode(message: Message): { finish(): Uint8Array } };
  /** Distinguishes several events of one fact; unset for the first one. It is a part of the event's id. */
  readonly variant?: string;
  /** Null: this fact is no such event. */
  view(fact: FactView<Data>, names: Names): View<Message> | null;
}

/** Describes a type of events; the types of its parts follow from fact and codec. */
export const defineEvent = <Data, Message>(kind: EventKind<Data, Message>): EventKind<Data, Message> => kind;

/** What is sent to an URL that a call has named: see `CallbackKind`. */
export interface Callback {
  readonly url: string;
  /** The body, sent as it is: JSON. */
  readonly body: string;
}

/**
 * A callback: what follows from a fact is sent to an URL that the fact holds. It is signed with the operator's callback
 * secret, delivered at least once, and retried as events are. Every fact of these kinds is read by the follower, so a
 * frequent operation should have a kind of its own for calls with a callback.
 */
export interface CallbackKind<Data = any> {
  /** Such as "pots.contribution": shown with deliveries. */
  readonly type: string;
  readonly facts: readonly FactKind<Data>[];
  /** Null: nothing is sent. */
  view(fact: FactView<Data>, names: Names): Callback | null;
}

/** Describes a callback; the type of its view follows from the fact. */
export const defineCallback = <Data>(kind: CallbackKind<Data>): CallbackKind<Data> => kind;

/** Whether a subscription's pattern matches a type: "lootbox.opened", "lootbox.*" or "*". */
export function matches(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true;
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1));
}
