import { defineEntity, p } from '@mikro-orm/core';
import { sealedTable } from '../journal/index.ts';

/**
 * An operator: the tenant. `operator_id` is the first column of every key, so that the installation can be
 * sharded by it.
 */
export const OperatorSchema = defineEntity({
  name: 'Operator',
  tableName: 'operator',
  properties: {
    operatorId: p.bigint('number').primary().autoincrement(),
    name: p.text(),
    /** The number of the asset for requests that name none. */
    defaultAsset: p.smallint().default(0),
    /** Whether an unknown player is created by the first write that names it. */
    createPlayers: p.boolean().default(true),
    createdAt: p.datetime(6).defaultRaw('now()'),
    /** For people; empty: the name, which never changes. */
    displayName: p.text().default(''),
    /** Whether its calls are served. */
    enabled: p.boolean().default(true),
    /** The hosts that webhooks and callbacks may go to, whether by http, and whether into private networks. */
    webhookHosts: p.array().defaultRaw("'{}'"),
    webhookHttp: p.boolean().default(false),
    webhookPrivate: p.boolean().default(false),
    /** The live secrets of callbacks, oldest first, as webhooks store them. */
    callbackSecrets: p.array().defaultRaw("'{}'").hidden(),
  },
  uniques: [{ name: 'operator_name', properties: 'name' }],
});

/** A brand of an operator: players are identified by (operator, brand, user id). */
export const BrandSchema = defineEntity({
  name: 'Brand',
  tableName: 'brand',
  properties: {
    operatorId: p.bigint('number').primary(),
    /** Unique in the installation, because some requests name only a brand. */
    brandId: p.integer().primary(),
    /**
     * Requests may name a brand by it: so it is not a number, and has no ":", which separates it from the operator's
     * name.
     */
    name: p.text(),
    /** For people; empty: the name, which never changes. */
    displayName: p.text().default(''),
    /** Whether calls for it are served. */
    enabled: p.boolean().default(true),
    createdAt: p.datetime(6).defaultRaw('now()'),
  },
  uniques: [
    { name: 'brand_id_once', properties: 'brandId' },
    { name: 'brand_name', properties: ['operatorId', 'name'] },
  ],
  checks: [{ name: 'brand_name_shape', expression: "name ~ '^[A-Za-z0-9._@-]{1,64}$' and name !~ '^[0-9]+$'" }],
});

/** What an operator's accounts hold: a coin, a currency, a ticket or an item. */
export const AssetSchema = defineEntity({
  name: 'Asset',
  tableName: 'asset',
  properties: {
    operatorId: p.bigint('number').primary(),
    /** A part of account numbers, which have nine bits for it. */
    assetNo: p.smallint().primary(),
    code: p.text(),
    kind: p.text().$type<'coin' | 'currency' | 'ticket' | 'item'>(),
    /** How long after its credit a unit expires, first in, first out; 0: never. It never changes. */
    expiresAfterSeconds: p.integer().default(0),
  },
  uniques: [{ name: 'asset_code', properties: ['operatorId', 'code'] }],
  checks: [
    { name: 'asset_number', expression: 'asset_no >= 0 and asset_no <= 511' },
    { name: 'asset_expiry', expression: 'expires_after_seconds >= 0' },
    { name: 'asset_kind', expression: "kind in ('coin', 'currency', 'ticket', 'item')" },
  ],
});

/** A person who logs in to administer an operator. */
export const AdminSchema = defineEntity({
  name: 'Admin',
  tableName: 'admin',
  properties: {
    operatorId: p.bigint('number').primary(),
    adminId: p.bigint('number').primary().autoincrement(),
    /** Unique in the installation: a log-in names no operator. */
    userName: p.text(),
    passwordHash: p.text().hidden(),
    /** A part of every token: tokens of an earlier one are revoked. */
    tokenGeneration: p.integer().default(0),
    createdAt: p.datetime(6).defaultRaw('now()'),
    removedAt: p.datetime(6).nullable(),
  },
  uniques: [{ name: 'admin_user_name', properties: 'userName' }],
});

/** A key of an operator's back end. Its secret is shown once; only the hash is stored. */
export const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    operatorId: p.bigint('number').primary(),
    keyId: p.bigint('number').primary().autoincrement(),
    /** The first characters of the secret, by which people recognise a key. */
    prefix: p.text(),
    secretHash: p.blob().hidden(),
    /** The only brand that the key may act for; null: all brands of the operator. */
    brandId: p.integer().nullable(),
    scopes: p.array(),
    name: p.text(),
    createdAt: p.datetime(6).defaultRaw('now()'),
    revokedAt: p.datetime(6).nullable(),
    expiresAt: p.datetime(6).nullable(),
  },
  uniques: [{ name: 'api_key_secret', properties: 'secretHash' }],
});

/** Whoever writes a row seals it. No operation changes `createPlayers`: it is set in the database. */
export const sealed = {
  operator: sealedTable(OperatorSchema, ['createPlayers']),
  brand: sealedTable(BrandSchema),
  asset: sealedTable(AssetSchema),
  admin: sealedTable(AdminSchema),
  apiKey: sealedTable(ApiKeySchema),
};

export class Operator extends OperatorSchema.class {}
OperatorSchema.setClass(Operator);
export class Brand extends BrandSchema.class {}
BrandSchema.setClass(Brand);
export class Asset extends AssetSchema.class {}
AssetSchema.setClass(Asset);
export class Admin extends AdminSchema.class {}
AdminSchema.setClass(Admin);
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);

export const tenantEntities = [OperatorSchema, BrandSchema, AssetSchema, AdminSchema, ApiKeySchema];
