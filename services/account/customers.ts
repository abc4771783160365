import { createHash } from 'node:crypto';
import { preconditionFailed } from '../shared/etag.ts';
import { newEvent } from '../shared/events.ts';
import { newId } from '../shared/new-id.ts';
import { isProblem, notFound, type Problem, problem, unavailable } from '../shared/problem.ts';
import { refused } from '../shared/route.ts';
import type { Platform } from '../shared/service.ts';
import type { Instant } from '../shared/time.ts';
import { type Account, type AccountChange, type CustomerFields, canonical, type Decision, openAccount } from './account.ts';
import type { Announcements } from './announcements.ts';
import type { AccountStore, StoredAccount } from './store.ts';

export type NewCustomer = CustomerFields & { readonly id?: string | undefined; readonly testClock: string | null };

export type Customers = {
  /**
   * A repeat of the same body returns its customer, with `isNew` false; 409 for another body under
   * a taken id.
   */
  readonly create: (body: NewCustomer) => Promise<{ readonly account: StoredAccount; readonly isNew: boolean } | Problem>;
  readonly find: (id: string) => Promise<StoredAccount | Problem>;
  /**
   * Writes and publishes the decision, and returns the account after it. 412 when `ifMatch` is not
   * the tag of the customer; the write is a compare-and-set, so of two racing editors one is
   * refused.
   */
  readonly change: (
    id: string,
    decide: (account: Account, now: Instant) => Decision,
    ifMatch?: string | string[] | undefined,
  ) => Promise<StoredAccount | Problem>;
};

/** Rounds of compare-and-set before giving up; in each lost round another change was written. */
const mostRounds = 50;

/**
 * Customers as one document each: a change and its event are one write, and the event is published
 * right after it. A crash in between leaves the event in the document, and a sweep publishes it.
 */
export function createCustomers(
  store: AccountStore,
  announcements: Announcements,
  { config, invoke, now }: Pick<Platform, 'config' | 'invoke' | 'now'>,
): Customers {
  const timeOn = async (testClock: string | null): Promise<Instant | Problem> => {
    if (testClock === null) return now();
    const clock = (await invoke('subscription', 'get', `test-clocks/${testClock}`)) as { now: Instant } | undefined;
    return (
      clock?.now ?? refused({ code: 'test-clock-unknown', message: `The test clock ${testClock} does not exist.`, pointer: '/testClock' })
    );
  };

  const repeated = async (id: string, digest: string): Promise<{ account: StoredAccount; isNew: false } | Problem | undefined> => {
    const account = await store.find(id);
    if (!account) return undefined;
    if (account.creationDigest !== digest)
      return problem(409, 'already-exists', `A customer with the id ${id} already exists with different data.`);
    await announcements.announce(account);
    return { account, isNew: false };
  };

  return {
    create: async ({ id = newId('cus'), testClock, ...fields }) => {
      if (testClock !== null && !config.testClocks) return testClocksOff;
      const creationDigest = createHash('sha256')
        .update(canonical({ testClock, ...fields }))
        .digest('hex');
      const known = await repeated(id, creationDigest);
      if (known) return known;
      const time = await timeOn(testClock);
      if (isProblem(time)) return time;
      const account = stored(openAccount(id, fields, testClock, time), { sequence: 0, creationDigest, unpublished: [] }, time);
      if (!(await store.insert(account))) return (await repeated(id, creationDigest)) ?? busy;
      await announcements.announce(account);
      return { account, isNew: true };
    },
    find: async (id) => (await store.find(id)) ?? notFound('customer', id),
    change: async (id, decide, ifMatch) => {
      for (let round = 0; round < mostRounds; round++) {
        const before = await store.find(id);
        if (!before) return notFound('customer', id);
        const failed = preconditionFailed(ifMatch, before.customer);
        if (failed) return failed;
        const time = await timeOn(before.customer.testClock);
        if (isProblem(time)) return time;
        const decision = decide(before, time);
        if (!decision.ok) return refused(decision.rejection);
        const after = decision.value ? stored(decision.value, before, time) : before;
        if (after !== before && !(await store.replace(before.sequence, after))) continue;
        await announcements.announce(after);
        return after;
      }
      return busy;
    },
  };
}

const testClocksOff = refused({ code: 'test-clocks-off', message: 'Test clocks are disabled on this instance.', pointer: '/testClock' });
const busy = unavailable('customer-busy', 'The customer is being modified concurrently. Retry the request.');

/** The document after a change, with the next sequence and the event among the unpublished ones. */
function stored(
  { event, customer, paymentMethods }: AccountChange,
  before: Pick<StoredAccount, 'sequence' | 'creationDigest' | 'unpublished'>,
  time: Instant,
): StoredAccount {
  const sequence = before.sequence + 1;
  const next = newEvent({ ...event, subject: customer.id, sequence, time, customerId: customer.id, testClock: customer.testClock });
  return {
    _id: customer.id,
    sequence,
    customer,
    paymentMethods,
    creationDigest: customer.erasedAt === null ? before.creationDigest : null,
    unpublished: [...before.unpublished, next],
    announced: false,
    createdAt: customer.createdAt,
  };
}
