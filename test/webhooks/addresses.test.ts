import assert from 'node:assert/strict';
import { describe, test } from 'vitest';
import { isAllowed } from '../../src/webhooks/addresses.ts';
import { findDestination, requireDestination } from '../../src/webhooks/destination.ts';

// yes: always; private: where the operator's settings allow it; no: never.
const TABLE: readonly (readonly [address: string, allowed: 'yes' | 'private' | 'no'])[] = [
  ['8.8.8.8', 'yes'],
  ['1.1.1.1', 'yes'],
  ['172.15.255.255', 'yes'],
  ['172.32.0.0', 'yes'],
  ['100.63.255.255', 'yes'],
  ['100.128.0.0', 'yes'],
  ['223.255.255.255', 'yes'],
  ['2606:4700:4700::1111', 'yes'],
  ['2a00:1450:4001:81b::200e', 'yes'],
  ['::ffff:8.8.8.8', 'yes'],
  ['64:ff9b::808:808', 'yes'],
  ['127.0.0.1', 'private'],
  ['127.255.255.254', 'private'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['::1', 'private'],
  ['0:0:0:0:0:0:0:1', 'private'],
  ['fc00::1', 'private'],
  ['fd12:3456:789a::1', 'private'],
  ['::ffff:127.0.0.1', 'private'],
  ['::ffff:7f00:1', 'private'],
  ['::ffff:a00:1', 'private'],
  ['64:ff9b::7f00:1', 'private'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['0.0.0.0', 'no'],
  ['0.1.2.3', 'no'],
  ['100.64.0.1', 'no'],
  ['100.127.255.255', 'no'],
  ['169.254.169.254', 'no'],
  ['192.0.0.1', 'no'],
  ['192.0.2.1', 'no'],
  ['192.88.99.1', 'no'],
  ['198.18.0.1', 'no'],
  ['198.19.255.255', 'no'],
  ['198.51.100.1', 'no'],
  ['203.0.113.1', 'no'],
  ['224.0.0.1', 'no'],
  ['239.255.255.255', 'no'],
  ['240.0.0.1', 'no'],
  ['255.255.255.255', 'no'],
  ['::', 'no'],
  ['::127.0.0.1', 'no'],
  ['::ffff:169.254.169.254', 'no'],
  ['::ffff:0.0.0.0', 'no'],
  ['::ffff:0:127.0.0.1', 'no'],
  ['64:ff9b::a9fe:a9fe', 'no'],
  ['64:ff9b:1::7f00:1', 'no'],
  ['fe80::1', 'no'],
  ['fe80::1%eth0', 'no'],
  ['febf::1', 'no'],
  ['fec0::1', 'no'],
  ['ff02::1', 'no'],
  ['100::1', 'no'],
  ['2001::1', 'no'],
  ['2001:db8::1', 'no'],
  ['2002:7f00:1::', 'no'],
  ['3fff::1', 'no'],
  ['5f00::1', 'no'],
  ['localhost', 'no'],
  ['127.1', 'no'],
  ['', 'no'],
];

describe('addresses', () => {
  for (const [address, allowed] of TABLE) {
    test(`${address || 'none'}: ${allowed}`, () => {
      assert.equal(isAllowed(address, { privateNetworks: false }), allowed === 'yes');
      assert.equal(isAllowed(address, { privateNetworks: true }), allowed !== 'no');
    });
  }
});

const SETTINGS = { hosts: ['hooks.example.com', '*.example.org', '127.0.0.1', '8.8.8.8'], http: false };
const strict = { ...SETTINGS, privateNetworks: false };

// An URL, and what is wrong with it for an operator that may use https to public addresses only; null: nothing.
const URLS: readonly (readonly [url: string, wrong: string | null])[] = [
  ['https://hooks.example.com/x?y=1', null],
  ['https://hooks.example.com:8443/', null],
  ['https://HOOKS.EXAMPLE.COM/', null],
  ['https://hooks.example.com./', null],
  ['https://a.example.org/', null],
  ['https://a.b.example.org/', null],
  ['https://8.8.8.8/', null],
  ['http://hooks.example.com/', 'the URL must be https'],
  ['https://example.org/', 'the host is not registered'],
  ['https://badexample.org/', 'the host is not registered'],
  ['https://hooks.example.com.evil.net/', 'the host is not registered'],
  ['https://evil.net/hooks.example.com', 'the host is not registered'],
  ['https://evil.net\\@hooks.example.com/', 'the host is not registered'],
  ['https://127.0.0.1/', 'the address is not public'],
  ['https://2130706433/', 'the address is not public'],
  ['https://0x7f.1/', 'the address is not public'],
  ['https://017700000001/', 'the address is not public'],
  ['https://127.1/', 'the address is not public'],
  ['https://①②⑦.0.0.1/', 'the address is not public'],
  ['https://[::1]/', 'the host is not registered'],
  ['https://user@hooks.example.com/', 'the URL is not one'],
  ['https://:secret@hooks.example.com/', 'the URL is not one'],
  ['https://hooks.example.com/#part', 'the URL is not one'],
  ['file:///etc/passwd', 'the URL is not one'],
  ['gopher://hooks.example.com/', 'the URL is not one'],
  ['//hooks.example.com/', 'the URL is not one'],
  ['', 'the URL is not one'],
];

describe('URLs', () => {
  for (const [url, wrong] of URLS) {
    test(`${url || 'none'}: ${wrong ?? 'may be sent to'}`, () => {
      const found = findDestination(url, strict);
      assert.equal(typeof found === 'string' ? found : null, wrong);
      const refused = { reason: wrong === 'the URL is not one' ? 'INVALID_ARGUMENT' : 'WEBHOOK_HOST_NOT_ALLOWED' };
      if (wrong !== null) assert.throws(() => requireDestination(url, strict, 'url'), refused);
      else assert.equal(requireDestination(url, strict, 'url').url.href, new URL(url).href);
    });
  }

  test('what an operator may besides: http, and private networks', () => {
    const lax = { ...SETTINGS, http: true, privateNetworks: true };
    assert.notEqual(typeof findDestination('http://127.0.0.1:8080/', lax), 'string');
    assert.equal(typeof findDestination('http://127.0.0.2:8080/', lax), 'string');
  });
});
