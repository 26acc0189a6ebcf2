import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** What is not on the public internet: special-purpose blocks of RFC 6890 and its successors. */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6');
}

/** Whether a numeric address is loopback, link-local, private or otherwise not public. Mapped IPv4 counts as IPv4. */
export const isPrivateAddress = (address: string): boolean => {
  const family = isIP(address);
  return family === 0 || notPublic.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

/** The target's address is not public and private targets are not allowed. Trying again does not help. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Why a URL may not be a webhook as far as its text shows; a name is judged when it is resolved. */
export const refusePrivateUrl = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const host = hostOf(url);
  const isPrivate = isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : isPrivateAddress(host);
  return isPrivate ? `${host} is not a public address (WEBHOOK_ALLOW_PRIVATE allows it)` : undefined;
};

/**
 * `dns.lookup` for a socket that refuses what is not public. The socket connects to the very address that was judged, so a
 * name that answers differently the second time gains nothing.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) {
      callback(error, '', 4);
      return;
    }
    const refused = addresses.find(({ address }) => isPrivateAddress(address));
    const [first] = addresses;
    if (refused !== undefined || first === undefined) {
      callback(new PrivateAddressError(`${hostname} is ${refused?.address ?? 'nowhere'}, which is not public`), '', 4);
    } else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
