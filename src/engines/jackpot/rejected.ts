import { ApiError } from '../../kernel/index.ts';

/** The error for a contribution that an instance does not take. @param cause one word, which is the message. */
export const rejected = (id: string, cause: string): ApiError =>
  new ApiError('CONTRIBUTION_REJECTED', cause, { details: { id, cause } });
