import type { DescMethod, FileRegistry } from '@bufbuild/protobuf';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import type { FileSection } from './file-section.ts';
import { applyDefinition } from './apply-definition.ts';
import { definitionSections } from './definition-sections.ts';
import { hasPots, potsSections } from './pots-sections.ts';

/**
 * All sections that a file may have, in the order in which they are applied: the definitions of `contract` in the
 * order of its services, those of pots, then players and transfers, from `core`. Throws if two have the same name.
 */
export function fileSections(contract: FileRegistry, core: FileRegistry): FileSection[] {
  const definitions = definitionSections(contract).map((section): FileSection => {
    const { name, noun, create } = section;
    return { name, noun, create, key: 'id', apply: (entry, call) => applyDefinition(section, entry, call) };
  });
  const pots = hasPots(contract) ? potsSections((service, name) => methodOf(contract, service, name)) : [];
  const sections = [...definitions, ...pots, players(core), transfers(core)];
  const twice = sections.find(({ name }, i) => sections.findIndex((other) => other.name === name) < i);
  if (twice === undefined) return sections;
  throw new Error(`${twice.create.parent.typeName} has a section ${twice.name}, as another service has`);
}

/** An RPC by the name of its service, such as "windfall.auth.v1.AuthService", and its own name. */
export function methodOf(registry: FileRegistry, service: string, name: string): DescMethod {
  const method = registry.getService(service)?.methods.find((one) => one.name === name);
  if (method === undefined) throw new Error(`the contract has no ${service}.${name}`);
  return method;
}

/** Existing players do not change. The idempotency key is dropped: with it an existing player would look new. */
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
