import { createHash, randomBytes } from 'node:crypto';
import type { PaymentMethodResource } from '../../shared/contracts/customer-resource.ts';
import { nowOn } from '../../shared/domain-time.ts';
import { isProblem, type Problem, problem } from '../../shared/problem.ts';
import type { Platform } from '../../shared/service.ts';
import { type Instant, later, plusMillis } from '../../shared/time.ts';
import { addPaymentMethod, type Customer } from '../account.ts';
import type { Customers } from '../customers.ts';
import type { MethodAdmission } from '../method-risk.ts';
import type { StoredAccount } from '../store.ts';
import { type CardLink, linkOf, tokenOf } from './link.ts';
import type { CardLinkStore } from './store.ts';

export type LinkRequest = {
  readonly invoiceId?: string | undefined;
  readonly gateway?: PaymentMethodResource['gateway'] | undefined;
  readonly ttlHours: number;
  /** Time of the event that the link is sent for, which a test clock may not have reached yet. */
  readonly from?: Instant | undefined;
};

/** A link that can be used, with the account of its customer. */
export type OpenLink = { readonly link: CardLink; readonly account: StoredAccount };

export type CardLinks = {
  readonly create: (customerId: string, request: LinkRequest) => Promise<{ readonly token: string; readonly expiresAt: Instant } | Problem>;
  /**
   * The link behind a token: 404 if forged or its customer is erased, 410 if expired or used.
   * Changes nothing.
   */
  readonly open: (token: string) => Promise<OpenLink | Problem>;
  /** The link behind a token, used or not; 404 if forged or its customer is erased. */
  readonly read: (token: string) => Promise<CardLink | Problem>;
  /**
   * Adds the method as the default. The same token again returns the same method; 410 for another
   * token.
   */
  readonly use: (token: string, methodToken: string) => Promise<PaymentMethodResource | Problem>;
  /** The customer of a link, used or expired or not, to respond in their language. */
  readonly ownerOf: (token: string) => Promise<Customer | undefined>;
};

const hourMillis = 3_600_000;

/**
 * Links by which customers enter a new card without signing in. A link is stored only when it is
 * used.
 */
export function createCardLinks(platform: Platform, store: CardLinkStore, customers: Customers, admit: MethodAdmission): CardLinks {
  const read = async (token: string): Promise<OpenLink | undefined> => {
    const link = linkOf(token, await store.key(platform.now()));
    const account = link && (await customers.find(link.customerId));
    return link && account && !isProblem(account) && account.customer.erasedAt === null ? { link, account } : undefined;
  };
  const unexpired = async (token: string): Promise<OpenLink | Problem> => {
    const found = await read(token);
    if (!found) return unknown;
    return (await nowOn(platform, found.account.customer.testClock)) < found.link.expiresAt ? found : expired;
  };
  const add = async ({ link, account }: OpenLink, methodToken: string, tokenDigest: string): Promise<PaymentMethodResource | Problem> => {
    const checked = await admit(account, { id: methodIdOf(link), gateway: link.gateway, token: methodToken, type: 'card' });
    if (isProblem(checked)) return checked;
    const now = await nowOn(platform, account.customer.testClock);
    if ((await store.claim(link, tokenDigest, now)).tokenDigest !== tokenDigest) return used;
    const method = { ...checked, id: methodIdOf(link), gateway: link.gateway, default: true };
    const after = await customers.change(link.customerId, (before, at) => addPaymentMethod(before, method, at));
    if (isProblem(after)) await store.release(link.id);
    else await store.finish(link.id, now);
    return isProblem(after) ? after : (methodOf(after, link) ?? used);
  };

  return {
    create: async (customerId, { invoiceId = null, gateway, ttlHours, from }) => {
      const account = await customers.find(customerId);
      if (isProblem(account)) return account;
      const { customer, paymentMethods } = account;
      if (customer.erasedAt !== null) return problem(409, 'customer-erased', 'The customer was erased and can no longer be changed.');
      const now = await nowOn(platform, customer.testClock);
      const expiresAt = plusMillis(later(now, from ?? now), ttlHours * hourMillis);
      const usual = platform.config.stripe.secretKey === undefined ? 'simulated' : 'stripe';
      const link = {
        id: randomBytes(12).toString('hex'),
        customerId,
        invoiceId,
        gateway: gateway ?? paymentMethods[0]?.gateway ?? usual,
        expiresAt,
      };
      return { token: tokenOf(link, await store.key(platform.now())), expiresAt };
    },
    open: async (token) => {
      const found = await unexpired(token);
      if (isProblem(found)) return found;
      return (await store.useOf(found.link.id)) ? used : found;
    },
    use: async (token, methodToken) => {
      const found = await unexpired(token);
      if (isProblem(found)) return found;
      const tokenDigest = createHash('sha256').update(methodToken).digest('base64url');
      const use = await store.useOf(found.link.id);
      if (use && use.tokenDigest !== tokenDigest) return used;
      return use?.addedAt ? (methodOf(found.account, found.link) ?? used) : add(found, methodToken, tokenDigest);
    },
    read: async (token) => (await read(token))?.link ?? unknown,
    ownerOf: async (token) => (await read(token))?.account.customer,
  };
}

const methodIdOf = ({ id }: CardLink): string => `pm_${id}`;

const methodOf = ({ paymentMethods }: StoredAccount, link: CardLink): PaymentMethodResource | undefined =>
  paymentMethods.find(({ id }) => id === methodIdOf(link));

const unknown = problem(404, 'card-link-not-found', 'This link is invalid or the customer no longer exists.');
const expired = problem(410, 'card-link-expired', 'This link has expired. Request a new one.');
const used = problem(410, 'card-link-used', 'This link has already been used. Request a new one.');
