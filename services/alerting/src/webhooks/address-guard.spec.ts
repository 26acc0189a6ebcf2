import { describe, expect, it } from '@jest/globals';
import { isPrivateAddress, publicLookup, refusePrivateUrl } from './address-guard.js';

describe('address guard', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '224.0.0.1',
  ])('refuses %s', (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each([
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a00:1',
    'not an address',
  ])('refuses %s', (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('lets %s pass', (address) =>
    expect(isPrivateAddress(address)).toBe(false),
  );

  it.each([
    'http://127.0.0.1:8080/x',
    'http://localhost/',
    'http://a.localhost/',
    'http://[::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::ffff:10.0.0.1]/',
  ])('refuses %s by its text', (url) => expect(refusePrivateUrl(url)).toContain('not a public address'));

  it('leaves names to the lookup', () => expect(refusePrivateUrl('https://example.org/hook')).toBeUndefined());

  it.each([true, false])('refuses a name that resolves to loopback (all: %s)', async (all) => {
    const error = await new Promise((resolve) => publicLookup('localhost', { all }, resolve));
    expect(error).toMatchObject({ name: 'PrivateAddressError' });
  });
});
