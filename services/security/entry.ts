import type { MarqueeEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import { sha256 } from './canonical.ts';

type Detail = string | number | boolean | null | readonly string[];

/** One row of the audit trail. It holds no personal data, so that it can be kept when a customer is erased. */
export type AuditEntry = {
  /** The event's id, or one of its own for what an operator did. */
  readonly _id: string;
  /** When it happened, in domain time; `createdAt` is when the trail learnt of it. */
  readonly at: Instant;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number | null;
  readonly customerId: string;
  /** The operator, or null for what the platform did. */
  readonly who: string | null;
  readonly digest: Readonly<Record<string, Detail>>;
  readonly createdAt: Instant;
  /** SHA-256 over all of the above: what is changed later no longer fits it. */
  readonly hash: string;
};

export type OperatorAction = {
  readonly id: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly customerId: string;
  readonly detail: Readonly<Record<string, Detail>>;
};

const seal = (entry: Omit<AuditEntry, 'hash'>): AuditEntry => ({ ...entry, hash: sha256(entry) });

/** True while the row is as it was written. */
export const isIntact = ({ hash, ...entry }: AuditEntry): boolean => hash === sha256(entry);

export const entryOfEvent = ({ id, time, type, subject, sequence, customerId, data }: MarqueeEvent, now: Instant): AuditEntry =>
  seal({ _id: id, at: time, type, subject, sequence, customerId, who: null, digest: digestOf(type, data), createdAt: now });

export const entryOfAction = ({ id, who, action, subject, customerId, detail }: OperatorAction, now: Instant): AuditEntry =>
  seal({ _id: id, at: now, type: action, subject, sequence: null, customerId, who, digest: detail, createdAt: now });

/** Fields that say what happened without saying to whom. */
const facts = [
  'status',
  'number',
  'planId',
  'planVersion',
  'quantity',
  'amount',
  'amountDue',
  'amountPaid',
  'total',
  'currency',
  'attempt',
  'category',
  'declineCode',
  'outcome',
  'kind',
  'repair',
  'repairedBy',
  'acceptedBy',
  'scopes',
];

/** Of customers only the names of the fields concerned; of all else a few facts, and a hash that proves the whole. */
function digestOf(type: string, data: unknown): AuditEntry['digest'] {
  const fields = fieldsOf(data);
  if (type.startsWith('customer.')) return { changed: changedFields(fields) };
  const noun = { ...fields, ...fieldsOf(fields.subscription) };
  const told = facts.filter((name) => isDetail(noun[name])).map((name) => [name, noun[name] as Detail] as const);
  return { ...Object.fromEntries(told), sha256: sha256(data) };
}

function changedFields(data: Readonly<Record<string, unknown>>): readonly string[] {
  if (Array.isArray(data.paymentMethods)) return ['paymentMethods'];
  if (Array.isArray(data.erased)) return data.erased.map(String);
  const previous = fieldsOf(data.previous);
  if (Object.keys(previous).length > 0) return Object.keys(previous);
  return Object.keys(data).filter((name) => data[name] !== null && data[name] !== '');
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const isDetail = (value: unknown): value is Detail =>
  typeof value === 'number' ||
  (typeof value === 'string' && value.length <= 100) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));
