import type { DescMethod, FileRegistry, JsonObject } from '@bufbuild/protobuf';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { applyDefinition } from './apply-definition.ts';
import { definitionSections } from './definition-sections.ts';
import type { JsonCall } from './json-client.ts';

/** A section of a file: a list of entries of one kind. */
export interface FileSection {
  readonly name: string;
  /** What messages call an entry, as "lootbox". */
  readonly noun: string;
  /** The field that tells entries apart. */
  readonly key: string;
  /** The RPC whose request an entry is. */
  readonly create: DescMethod;
  /** Returns what it came to, as "created"; null: nothing was changed. */
  apply(entry: JsonObject, call: JsonCall): Promise<string | null>;
}

/**
 * Every section that a file may have, in the order in which they are applied: the definitions of `contract` in the
 * order of its services, then players and transfers, which `core` has. Throws where two have the same name.
 */
export function fileSections(contract: FileRegistry, core: FileRegistry): FileSection[] {
  const definitions = definitionSections(contract).map((section): FileSection => {
    const { name, noun, create } = section;
    return { name, noun, create, key: 'id', apply: (entry, call) => applyDefinition(section, entry, call) };
  });
  const sections = [...definitions, players(core), transfers(core)];
  const twice = sections.find(({ name }, i) => sections.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return sections;
  throw new Error(`${twice.create.parent.typeName} has a section ${twice.name}, as another service has`);
}

/** An RPC by the name of its service, as "windfall.auth.v1.AuthService". */
export function methodOf(registry: FileRegistry, service: string, name: string): DescMethod {
  const method = registry.getService(service)?.methods.find((one) => one.name === name);
  if (method === undefined) throw new Error(`the contract has no ${service}.${name}`);
  return method;
}

/** Players that are there stay as they are: a key would make one that is there look new. */
function players(core: FileRegistry): FileSection {
  const create = methodOf(core, 'windfall.player.v1.PlayerService', 'CreatePlayer');
  return {
    name: 'players',
    noun: 'player',
    key: 'user_id',
    create,
    async apply(entry, call) {
      const { idempotency_key: _, ...player } = entry;
      try {
        await call(create, player);
        return 'created';
      } catch (error) {
        if ((error as ServiceError).code === Code.ALREADY_EXISTS) return null;
        throw error;
      }
    },
  };
}

/** A transfer is made once for its key. */
function transfers(core: FileRegistry): FileSection {
  const create = methodOf(core, 'windfall.ledger.v1.LedgerService', 'CreateTransfer');
  return {
    name: 'transfers',
    noun: 'transfer',
    key: 'idempotency_key',
    create,
    apply: async (transfer, call) => ((await call(create, transfer))['deduped'] === true ? null : 'made'),
  };
}
