import type { RiskQuestion } from '../shared/contracts/risk-check.ts';

type Start = Extract<RiskQuestion, { kind: 'subscription-start' }>;

/**
 * The key of a household, or null if it is unknown. A household that the app names takes precedence
 * over the postal address.
 */
export function householdOf({ household, address, country }: Start, byAddress: boolean): string | null {
  if (household !== null) return `named ${household}`;
  const normalisedLines =
    byAddress && address !== null ? Object.entries(address).map(([field, text]) => [field.toLowerCase(), normalised(text)]) : [];
  const lines = normalisedLines.filter(([, text]) => text !== '').sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  return lines.length === 0 ? null : `address ${JSON.stringify([country, ...lines])}`;
}

/** The text without case, accents, punctuation and spacing, so that spellings match. */
const normalised = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** The network of an address: the IPv4 address or the IPv6 /64; null if it is invalid. */
export function networkOf(address: string): string | null {
  if (/^\d+(\.\d+){3}$/.test(address)) return address;
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const canonical = URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : undefined;
  if (canonical === undefined) return null;
  const [head = '', tail] = canonical.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
