import type { DefinitionKind } from '../../catalogue/index.ts';
import type { Entity } from '../../db/index.ts';
import type { CallbackKind, EventKind } from '../../events/index.ts';
import type { DrawKind } from '../../fairness/index.ts';
import type { AccountKind, FactKind, SealedTable, Table } from '../../journal/index.ts';
import type { OperatorNo } from '../../kernel/index.ts';
import type { Operation, Platform, ProofSources } from '../../platform/index.ts';
import type { Implementation, Service, ServiceDefinition } from '../../rpc/index.ts';
import type { Task } from '../../tasks/index.ts';
import { lifecycle } from './lifecycle.ts';

/** A service of the contract, and its RPCs by name. */
export interface Served {
  readonly service: ServiceDefinition;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** All that the rest of the system knows about an engine. */
export interface Engine extends Served {
  /** Such as "lootbox": the first part of the names of its operations, facts and tasks. */
  readonly name: string;
  /** The numbers of its tables and facts are from `block` + 1 to `block` + 99: see Register. */
  readonly block: number;
  /** Its definitions; they bring those of the RPCs create, update, archive, get, list and changelog that it serves. */
  readonly definition: DefinitionKind;
  /** Its other services. */
  readonly more?: readonly Served[];
  /** Its own state, besides its definitions: each entity together with its table for lanes. */
  readonly entities?: readonly Entity[];
  readonly tables?: readonly Table<any>[];
  /** Its tables of administrative writes, whose rows are sealed: see row-seal.ts. */
  readonly sealed?: readonly SealedTable[];
  readonly facts: readonly FactKind<any>[];
  /** The kinds of its facts that contain draws, for the proofs of FairnessService. */
  readonly draws: (sources: ProofSources) => readonly DrawKind[];
  readonly tasks?: readonly Task[];
  /** What every process does besides calls and tasks, until it is stopped. */
  readonly background?: (platform: Platform, host: BackgroundHost) => Background;
  /** What its facts are for webhooks and streams. */
  readonly events?: readonly EventKind[];
  /** What its facts send to URLs that calls have named. */
  readonly callbacks?: readonly CallbackKind[];
  /** The kinds of accounts that its definitions have, if any. */
  readonly account?: AccountOwner | readonly AccountOwner[];
}

/** What work in the background knows of the process. */
export interface BackgroundHost {
  /** The operators that have a webhook of events of a type, or a stream of them in this process. */
  listening(type: string): Promise<readonly OperatorNo[]>;
  fault(error: unknown, name: string): void;
}

export interface Background {
  stop(): Promise<void>;
}

/** A kind of account that belongs to definitions. */
export interface AccountOwner {
  readonly kind: AccountKind;
  /** The numbers of the definitions' heads, by the numbers of the accounts' owners. */
  definitionsOf(
    platform: Platform,
    operator: OperatorNo,
    owners: readonly number[],
  ): Promise<ReadonlyMap<number, number>>;
}

/**
 * Describes an engine: its folder's `engine.ts` exports one, and engines/index.ts lists it. Throws if an entity of
 * state rows is listed without its table, or a table without its entity: `verify` or migrations would skip it.
 */
export function defineEngine(engine: Engine): Engine {
  const { name, entities = [], tables = [] } = engine;
  const metas = entities.map((entity) => (entity as { readonly meta: Meta }).meta);
  const states = metas.filter(({ properties }) => 'sequence' in properties).map(({ tableName }) => tableName);
  const names = tables.map((table) => table.name);
  const alone = [...states.filter((one) => !names.includes(one)), ...names.filter((one) => !states.includes(one))];
  if (alone.length > 0) throw new Error(`${name}: list both the entity and the table of ${alone.join(', ')}`);
  return engine;
}

/** The part of an entity that is used here. It is available before MikroORM is initialised. */
interface Meta {
  readonly tableName: string;
  readonly properties: object;
}

/** An engine's services on a platform. If an RPC is not implemented, the server does not start. */
export function servicesOf({ service, definition, operations, more = [] }: Engine, platform: Platform): Service[] {
  const brought = Object.entries(lifecycle(definition, service)).filter(([name]) => name in service);
  const all = [{ service, operations: { ...Object.fromEntries(brought), ...operations } }, ...more];
  return all.map(({ service: one, operations: own }) => {
    const handlers = Object.entries(own).map(([name, operation]) => [name, operation(platform)] as const);
    return [one, Object.fromEntries(handlers) as Implementation<ServiceDefinition>];
  });
}
