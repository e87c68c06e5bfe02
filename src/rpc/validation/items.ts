import type { DescMessage } from '@bufbuild/protobuf';
import { ApiError } from '../../kernel/index.ts';
import { option, type Contract } from '../contract.ts';
import { Validation, type Validate } from './compile.ts';

/**
 * Creates the checks of single items of batches and streams, by the path of the RPC that takes one item. The contract
 * excludes items from the rules of the whole message, so that an invalid item fails alone. An item must also have a key
 * of some kind, because a client that repeats a batch cannot know which of its items were done.
 */
export function itemChecks(contract: Contract): (path: string) => Validate {
  const validation = new Validation(contract.registry);
  return (path) => {
    const { input } = contract.methods.get(path)!.desc;
    const validate = validation.of(input);
    const keys = keyFields(contract, input);
    return (item) => {
      validate(item);
      if (keys.every((name) => (item as Record<string, unknown>)[name] === '')) throw NO_KEY;
    };
  };
}

/** The fields of a request that make it safe to repeat. */
function keyFields({ registry }: Contract, desc: DescMessage): string[] {
  return desc.fields
    .filter((field) => field.name === 'idempotency_key' || option<boolean>(registry, field, 'natural_key') === true)
    .map(({ localName }) => localName);
}

const field = { field: 'idempotency_key', description: 'must be set: an item needs a key', reason: 'REQUIRED' };
const NO_KEY = new ApiError('INVALID_ARGUMENT', `${field.field} ${field.description}`, { fields: [field] });
