import { fromBinary, fromJson, toJson, type FileRegistry, type JsonObject } from '@bufbuild/protobuf';
import type { Register } from '../journal/index.ts';
import { chain, type OperatorNo } from '../kernel/index.ts';
import type { CallbackKind, EventKind, FactView, Names, View } from './event.ts';
import type { Kinds, Position, StoredFact } from './journal-reader.ts';
import { NameBook, type NameSources } from './names.ts';
import { withNulls } from './nulls.ts';

const ENVELOPE = 'windfall.event.v1.Event';

/** An event or a callback, ready to be sent. */
export interface Rendered {
  readonly id: string;
  readonly type: string;
  /** See `EventKind.documented`; unset for all others. */
  readonly documented?: string | undefined;
  /** Where the fact belongs to; equal for the facts of one aggregate. */
  readonly aggregate: string;
  readonly sequence: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** The name of its brand; empty: none. */
  readonly brandId: string;
  /** The contract's Event in JSON; a callback's body. */
  readonly body: string;
  /** The event's data in JSON; empty for a callback. */
  readonly data: JsonObject;
  /** Where a callback goes; empty: it is an event. */
  readonly url: string;
  /** Where the fact is in the journal. */
  readonly position: Position;
}

interface Sources extends NameSources {
  readonly register: Register;
  readonly registry: FileRegistry;
}

/** All types of events and callbacks of an installation, and what facts are in them. */
export class Events {
  readonly #sources: Sources;
  readonly #names: NameBook;
  readonly #events: readonly EventKind[];
  readonly #callbacks: readonly CallbackKind[];
  readonly #listeners = new Set<{ readonly operator: OperatorNo; readonly wanted: (type: string) => boolean }>();
  readonly kinds: Kinds;

  /** Throws if a message is unknown to the contract, or two events of a fact would have the same id. */
  constructor(sources: Sources, events: readonly EventKind[], callbacks: readonly CallbackKind[]) {
    this.#sources = sources;
    this.#names = new NameBook(sources);
    this.#events = events;
    this.#callbacks = callbacks;
    this.#check();
    this.kinds = kindsOf(sources.register, events, callbacks);
  }

  /** Notes that a stream of an operator is open, until the returned function is called. */
  listen(operator: OperatorNo, wanted: (type: string) => boolean): () => void {
    const listener = { operator, wanted };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The operators that have a stream of events of a type here. */
  listened(type: string): OperatorNo[] {
    return [...this.#listeners].filter(({ wanted }) => wanted(type)).map(({ operator }) => operator);
  }

  /** The numbers of the kinds of facts that have events of some types. */
  kindsOf(wanted: (type: string) => boolean): number[] {
    return [...new Set(this.#events.filter(({ type }) => wanted(type)).flatMap(({ facts }) => facts.map(numberOf)))];
  }

  /** The events and callbacks of facts, in the order of the facts. */
  async render(operator: OperatorNo, facts: readonly StoredFact[]): Promise<Rendered[]> {
    if (facts.length === 0) return [];
    const { tenants, register } = this.#sources;
    const { name } = await chain(tenants.of(operator), (tenant) => tenant);
    const seen = facts.map((stored) => {
      const kind = register.fact(stored.kind, stored.version);
      const view: FactView<unknown> = { ...stored, data: kind.codec.decode(stored.bytes) };
      return { stored, kind, view };
    });
    return this.#names.resolve(operator, (names) =>
      seen.flatMap(({ stored, kind, view }) => {
        const place = {
          id: `${stored.operationId}-${stored.part}`,
          aggregate: `${kind.aggregate!.name}/${stored.aggregate}`,
          sequence: stored.sequence,
          time: stored.time,
          position: { tx: stored.tx, operationId: stored.operationId, part: String(stored.part) },
        };
        const events = this.#events.filter((one) => one.facts.includes(kind));
        const callbacks = this.#callbacks.filter((one) => one.facts.includes(kind));
        return [
          ...events.flatMap((one) => this.#eventOf(one, name, place, view, names)),
          ...callbacks.flatMap((one) => callbackOf(one, place, view, names)),
        ];
      }),
    );
  }

  #eventOf(kind: EventKind, operatorId: string, place: Place, fact: FactView<unknown>, names: Names): Rendered[] {
    const { type, documented, message, codec, variant } = kind;
    const view = kind.view(fact, names);
    if (view === null) return [];
    const { registry } = this.#sources;
    const desc = registry.getMessage(message)!;
    const bytes = codec.encode(view.data).finish();
    const json = toJson(desc, fromBinary(desc, bytes), { registry, alwaysEmitImplicit: true }) as JsonObject;
    const data = withNulls(registry, desc, json);
    const id = variant === undefined ? place.id : `${place.id}-${variant}`;
    const brandId = brandOf(view, names);
    const event: JsonObject = {
      id,
      type,
      time: new Date(place.time / 1000).toISOString(),
      operator_id: operatorId,
      ...(brandId === '' ? {} : { brand_id: brandId }),
      aggregate: place.aggregate,
      sequence: String(place.sequence),
      data,
      ...(documented === undefined ? {} : { event_type: documented, event_id: id }),
    };
    const envelope = registry.getMessage(ENVELOPE)!;
    const body = toJson(envelope, fromJson(envelope, event, { registry }), { registry, alwaysEmitImplicit: true });
    return [{ ...place, id, type, documented, brandId, data, body: JSON.stringify(body), url: '' }];
  }

  #check(): void {
    const ids = new Set<string>();
    for (const { type, message, facts, variant = '' } of this.#events) {
      if (this.#sources.registry.getMessage(message) === undefined) throw new Error(`${type}: no message ${message}`);
      for (const fact of facts) {
        const id = `${fact.number}/${fact.version}/${variant}`;
        if (ids.has(id)) throw new Error(`${type}: another event of ${fact.name} has the same variant`);
        ids.add(id);
      }
    }
  }
}

function brandOf({ player, brand }: View<unknown>, names: Names): string {
  if (player !== undefined) return names.player(player).brandId;
  return brand === undefined || Number(brand) === 0 ? '' : names.brand(brand);
}

type Place = Pick<Rendered, 'id' | 'aggregate' | 'sequence' | 'time' | 'position'>;

function callbackOf(kind: CallbackKind, place: Place, fact: FactView<unknown>, names: Names): Rendered[] {
  const callback = kind.view(fact, names);
  if (callback === null) return [];
  return [{ ...place, ...callback, id: `${place.id}-callback`, type: kind.type, brandId: '', data: {} }];
}

const numberOf = ({ number }: { readonly number: number }): number => number;

function kindsOf({ facts }: Register, events: readonly EventKind[], callbacks: readonly CallbackKind[]): Kinds {
  const pairs = events.flatMap(({ type, facts: of }) => of.map(({ number }) => ({ number, type })));
  const called = callbacks.flatMap(({ facts: of }) => of.map(numberOf));
  const followed = new Set(
    [...events, ...callbacks].flatMap(({ facts: of }) => of.map(({ aggregate }) => aggregate!.number)),
  );
  const tables = new Map(
    facts.flatMap(({ number, aggregate }) =>
      aggregate !== null && followed.has(aggregate.number) ? [[number, aggregate.number] as const] : [],
    ),
  );
  return {
    kinds: pairs.map(numberOf),
    types: pairs.map(({ type }) => type),
    callbacks: [...new Set(called)],
    factKinds: [...tables.keys()],
    tables: [...tables.values()],
  };
}
