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

export type LinkWish = {
  readonly invoiceId?: string | undefined;
  readonly gateway?: PaymentMethodResource['gateway'] | undefined;
  readonly ttlHours: number;
  /** When that happened which it is sent for: a test clock that is walked there still shows the time before. */
  readonly from?: Instant | undefined;
};

/** A link that may be used, and whose it is. */
export type OpenLink = { readonly link: CardLink; readonly account: StoredAccount };

export type CardLinks = {
  readonly create: (customerId: string, wish: LinkWish) => Promise<{ readonly token: string; readonly expiresAt: Instant } | Problem>;
  /** The link behind a token: 404 where it was forged or its customer is gone, 410 where it expired or was used. Changes nothing. */
  readonly open: (token: string) => Promise<OpenLink | Problem>;
  /** The link behind a token, also where it was used: its repeat is answered. 404 where it was forged or its customer is gone. */
  readonly read: (token: string) => Promise<CardLink | Problem>;
  /** Adds the method and makes it the default. The same token again answers the same method; another one finds the link used. */
  readonly use: (token: string, methodToken: string) => Promise<PaymentMethodResource | Problem>;
  /** Whose link it is, also where it can be used no more: to answer in their language. */
  readonly ownerOf: (token: string) => Promise<Customer | undefined>;
};

const hourMillis = 3_600_000;

/** Links by which customers give a new card without signing in. Nothing is kept of a link before it is used. */
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
    if ((await store.take(link, tokenDigest, now)).tokenDigest !== tokenDigest) return used;
    const method = { ...checked, id: methodIdOf(link), gateway: link.gateway, default: true };
    const after = await customers.change(link.customerId, (before, at) => addPaymentMethod(before, method, at));
    if (isProblem(after)) await store.giveBack(link.id);
    else await store.finish(link.id, now);
    return isProblem(after) ? after : (methodOf(after, link) ?? used);
  };

  return {
    create: async (customerId, { invoiceId = null, gateway, ttlHours, from }) => {
      const account = await customers.find(customerId);
      if (isProblem(account)) return account;
      const { customer, paymentMethods } = account;
      if (customer.erasedAt !== null) return problem(409, 'customer-erased', 'This customer was erased and cannot be changed.');
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

const unknown = problem(404, 'card-link-not-found', 'This link is none of ours, or its customer is no more.');
const expired = problem(410, 'card-link-expired', 'This link has expired; ask for a new one.');
const used = problem(410, 'card-link-used', 'This link has been used already.');
