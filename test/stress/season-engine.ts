import type { JsonObject } from '@bufbuild/protobuf';

/** What an engine brings to the campaign: its calls, and what must come of them, written without the engine's rules. */
export interface EngineModel {
  readonly name: string;
  /** The RPCs of one call and of many, and the outcome that holds an item's answer. */
  readonly rpcs: { readonly one: string; readonly many: string; readonly outcome: string };
  /** The numbers of the facts that its calls record. */
  readonly kinds: readonly number[];
  /** The admin's calls that set it up. */
  readonly definitions: readonly (readonly [rpc: string, request: JsonObject])[];
  /** What a caller asks for a player, who is added to it; only the random numbers decide. */
  request(random: () => number): JsonObject;
  answerOf(body: JsonObject): Answer;
  /** Another request, which contradicts a first one with its key. */
  contradiction(request: JsonObject): JsonObject;
  /** Follows what one caller is answered. */
  caller(): CallerModel;
  /** What a call that was done brings to the player's balance, in micro-units of WINZ. */
  gain(sent: Sent): bigint;
  /** Follows the journal. @param seeds the chain of seeds of each player, which all engines draw from. */
  journal(seeds: SeedChains): JournalModel;
  /** Ends what is open, after the last call. What it returns is given to `JournalModel.end`. */
  finish?(call: FinishingCall): Promise<unknown>;
}

/** A call at one of the servers; returns the body. */
export type FinishingCall = (rpc: string, request: JsonObject, server?: number) => Promise<any>;

/** The last seed that each player has used, and the hash that was told of the next one. */
export type SeedChains = Map<string, { readonly nonce: number; readonly next: string }>;

/** An answer: the operation, empty if nothing was changed, and the rest in one text. */
export interface Answer {
  readonly id: string;
  readonly deduped: boolean;
  readonly text: string;
}

/** An outcome of a call: an answer, a refusal, or none that is known. */
export type Outcome = Answer | { readonly reason: string } | null;

/** The calls of one caller, each of whose players makes one call after another. */
export interface CallerModel {
  /**
   * Takes a call that is settled. Returns what is wrong with it. @param balance of the player before, in micro-units.
   * @param sure whether it was sent once, and answered: then the model knows what had happened before.
   */
  take(sent: Sent, balance: bigint, sure: boolean): string | undefined;
}

/** Operations in the order of the journal. */
export interface JournalModel {
  /** Takes an operation of a caller. Returns what is wrong with it. @param facts how many it has. */
  take(sent: Sent, facts: number): string | undefined;
  /** Takes what `finish` came to. Returns what is wrong with it, and what it has brought to players' balances. */
  end?(finished: unknown): { readonly problems: readonly string[]; readonly gains: ReadonlyMap<string, bigint> };
}

/** A request with its key, and what came of it. */
export interface Sent {
  readonly engine: EngineModel;
  readonly user: string;
  readonly request: JsonObject;
  readonly key: string;
  /** The operation that it became; empty: none. */
  id: string;
  text: string;
  /** The reason of a refusal; empty: none. */
  refused: string;
  /** How often it was reported as newly done. */
  fresh: number;
  /** Whether an attempt had no answer, or two were sent at once. */
  unsure: boolean;
}

/** Micro-units of a decimal, or of a number in a response. */
export function micros(value: unknown): bigint {
  const [units = '0', decimals = ''] = String(value).split('.');
  return BigInt(units) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
}
