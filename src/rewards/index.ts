export {
  award,
  bindRewards,
  requireRoom,
  rewardNeeds,
  type Award,
  type Awarded,
  type BoundReward,
  type Most,
} from './award.ts';
export { fitting } from './fitting.ts';
export {
  confirmGrant,
  createGrants,
  expireGrant,
  grant,
  grantConfirmed,
  grantExpired,
  GrantSchema,
  grantsOf,
  grantState,
  playerOfGrant,
  grantStateName,
  hasRoom,
  type Confirmed,
  type GrantRow,
  type GrantState,
} from './grant.ts';
export { itemOf, rewardKind, rewardKindName, rewardMessage, rewardOf, type RewardKind } from './reward.ts';
