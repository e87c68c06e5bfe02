import type { JsonValue } from '@bufbuild/protobuf';

/** How many values of a name are remembered. */
const KEPT = 60;
/** Names of secrets, or of what would end the campaign's own callers: only what it has made itself is used. */
const OWN_ONLY = /^(admin_id|key_id|username|secret|token)$/;
/** Names that mean the same. */
const SAME: Readonly<Record<string, string>> = {
  player_id: 'user_id',
  winner_user_id: 'user_id',
  source_instance_id: 'instance_id',
  target_instance_id: 'instance_id',
  linked_instance: 'instance_id',
  template_owner_id: 'owner_id',
  instance_owner_id: 'owner_id',
  operator_id: 'owner_id',
  open_id: 'draw_id',
  play_id: 'draw_id',
  contribution_id: 'draw_id',
  next_page_token: 'page_token',
  asset_code: 'asset',
  base_currency: 'currency',
};

const nameOf = (field: string): string => SAME[field] ?? field;

/** Values that exist, by the names of fields: what answers have told, and what is known from the start. */
export class Words {
  readonly #known = new Map<string, JsonValue[]>();
  readonly #random: () => number;

  constructor(random: () => number, first: Readonly<Record<string, readonly JsonValue[]>>) {
    this.#random = random;
    for (const [name, values] of Object.entries(first)) this.#known.set(nameOf(name), [...values]);
  }

  /** A value that is known for a field of a service; undefined: there is none. */
  of(service: string, field: string): JsonValue | undefined {
    // An id is one of the service's own things.
    const known =
      this.#known.get(`${service}.${nameOf(field)}`) ?? (field === 'id' ? [] : this.#known.get(nameOf(field)));
    return known?.[Math.floor(this.#random() * known.length)];
  }

  /** Remembers what an answer of an RPC says. */
  learn(rpc: string, body: JsonValue): void {
    const [service = '', method = ''] = rpc.split('.');
    this.#learn(service, method.startsWith('Create'), body, 0);
  }

  #learn(service: string, isOwn: boolean, value: JsonValue, depth: number): void {
    if (value === null || typeof value !== 'object' || depth > 6) return;
    if (Array.isArray(value)) {
      for (const item of value.slice(0, 5)) this.#learn(service, isOwn, item, depth + 1);
      return;
    }
    for (const [name, item] of Object.entries(value)) {
      if (item !== null && typeof item === 'object') this.#learn(service, isOwn, item, depth + 1);
      else if (item !== '' && item !== null && (isOwn || !OWN_ONLY.test(name))) this.#keep(service, name, item);
    }
  }

  #keep(service: string, name: string, value: JsonValue): void {
    for (const key of name === 'id' ? [`${service}.id`] : [nameOf(name), `${service}.${nameOf(name)}`]) {
      const known = this.#known.get(key) ?? [];
      if (known.includes(value)) continue;
      if (known.length < KEPT) known.push(value);
      else known[Math.floor(this.#random() * KEPT)] = value;
      this.#known.set(key, known);
    }
  }
}
