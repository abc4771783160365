import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * A link lets its holder add one payment method of this gateway to this customer until it expires.
 */
export type CardLink = {
  readonly id: string;
  readonly customerId: string;
  /** The open invoice that the link is about. */
  readonly invoiceId: string | null;
  /** Part of the link, so that its holder cannot choose a gateway that charges no one. */
  readonly gateway: PaymentMethodResource['gateway'];
  readonly expiresAt: Instant;
};

/**
 * Path parameter with the token of a link: its content and its signature, separated by a dot. With
 * the longest ids a token has about 700 characters.
 */
export const linkToken = z.string().max(1000).meta({ description: 'Token of the link' });

/** The link as a token for a URL: readable content and its signature. */
export function tokenOf(link: CardLink, key: Buffer): string {
  const content = Buffer.from(JSON.stringify(link)).toString('base64url');
  return `${content}.${signatureOf(content, key)}`;
}

/** The link behind a token, expired or not; undefined when any part differs from the signed one. */
export function linkOf(token: string, key: Buffer): CardLink | undefined {
  const [content = '', signature = '', ...more] = token.split('.');
  if (more.length > 0 || !isSame(signature, signatureOf(content, key))) return undefined;
  return JSON.parse(Buffer.from(content, 'base64url').toString('utf8')) as CardLink;
}

/** The purpose is signed too, so that other data signed with this key can never be a link. */
const signatureOf = (content: string, key: Buffer): string =>
  createHmac('sha256', key).update(`update-card:${content}`).digest('base64url');

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
