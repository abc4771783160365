import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { Instant } from '../../shared/time.ts';

/** What a link lets its holder do: add one payment method of this gateway to this customer, until it expires. */
export type CardLink = {
  readonly id: string;
  readonly customerId: string;
  /** The open invoice it was sent for. */
  readonly invoiceId: string | null;
  /** Fixed by who makes the link: its holder must not choose a gateway that charges nobody. */
  readonly gateway: PaymentMethodResource['gateway'];
  readonly expiresAt: Instant;
};

/** The link as a token for a URL: what it lets do, readable, and a signature of it. */
export function tokenOf(link: CardLink, key: Buffer): string {
  const content = Buffer.from(JSON.stringify(link)).toString('base64url');
  return `${content}.${signatureOf(content, key)}`;
}

/** The link behind a token, expired or not; undefined where anything of it is not as it was signed. */
export function linkOf(token: string, key: Buffer): CardLink | undefined {
  const [content = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || !isSame(signature, signatureOf(content, key))) return undefined;
  return JSON.parse(Buffer.from(content, 'base64url').toString('utf8')) as CardLink;
}

/** The purpose is signed too, so that nothing else the key may ever sign is a link. */
const signatureOf = (content: string, key: Buffer): string =>
  createHmac('sha256', key).update(`update-card:${content}`).digest('base64url');

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
