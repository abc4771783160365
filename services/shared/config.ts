import { z } from 'zod';
import { type ServiceName, serviceNames, withoutReactions } from './service-names.ts';
import { StartupError } from './startup-error.ts';

const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) => {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const error = `must be a whole number ${range}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};
const port = wholeNumber(1, 65_535);
const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` });
const toggle = oneOf('on', 'off').transform((text) => text === 'on');
const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
const required = z.string({ error: 'is required' }).min(1, { error: 'is required' });

const schema = z.object({
  MARQUEE_PORT: port.default(8080),
  MARQUEE_SIDECAR_PORT: port.default(8081),
  /**
   * Address both doors bind to; in a pod the sidecar door must stay reachable for the sidecar only.
   */
  MARQUEE_HOST: z.string().default('127.0.0.1'),
  MARQUEE_APP_ID: z.string().default('marquee'),
  MARQUEE_TOPOLOGY: z.string().default('all'),
  DAPR_HTTP_PORT: port.default(3500),
  DAPR_API_TOKEN: z.string().default(''),
  APP_API_TOKEN: required,
  MONGODB_URI: z.string().default('mongodb://127.0.0.1:27017/marquee'),
  MARQUEE_DOCUMENTS: z.string().default('external'),
  MARQUEE_TEST_CLOCKS: toggle.default(false),
  MARQUEE_ADMIN_EMAIL: z.string().optional(),
  MARQUEE_ADMIN_PASSWORD: z.string().optional(),
  /**
   * An administrator's key that lives as long as one start of the embedded set; never set
   * elsewhere.
   */
  MARQUEE_LOCAL_KEY: z.string().min(32, { error: 'must have at least 32 characters' }).optional(),
  /**
   * The address at which customers reach the public door, for links in messages; its own address by
   * default.
   */
  MARQUEE_PUBLIC_URL: webAddress.optional(),
  MARQUEE_ISSUER: z.string().default('https://marquee.local'),
  MARQUEE_LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent').default('info'),
  MARQUEE_SENDGRID_KEY: z.string().optional(),
  MARQUEE_MAIL_FROM: z.string().optional(),
  MARQUEE_TWILIO_ACCOUNT: z.string().optional(),
  MARQUEE_TWILIO_TOKEN: z.string().optional(),
  MARQUEE_SMS_FROM: z.string().optional(),
  /**
   * `<point>:<n>`: the process ends itself by SIGKILL the n-th time it passes the named point
   * (fault tests).
   */
  MARQUEE_KILL_AT: z.string().optional(),
  /** Days before a card expires at which its customer is asked for another one. */
  MARQUEE_CARD_EXPIRY_DAYS: wholeNumber(1, 365).default(30),
  /** Seconds after which the guard reminder completes an unfinished turn. */
  MARQUEE_GUARD_SECONDS: wholeNumber(1).default(60),
  MARQUEE_SWEEP_OVERDUE_SECONDS: wholeNumber(1).default(180),
  MARQUEE_SWEEP_EVERY_SECONDS: wholeNumber(1).default(60),
  /** Switches the Stripe gateway on. */
  MARQUEE_STRIPE_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, { error: 'must be a secret or restricted key of Stripe, for example sk_test_...' })
    .optional(),
  MARQUEE_STRIPE_WEBHOOK_SECRET: z.string().optional(),
  MARQUEE_STRIPE_URL: webAddress.default('https://api.stripe.com'),
  /**
   * The effect of a dispute on its subscription while it is open, and when it is lost:
   * `services/subscription/dispute-reactions.ts`.
   */
  MARQUEE_DISPUTE_OPENED: oneOf('keep', 'suspend').default('keep'),
  MARQUEE_DISPUTE_LOST: oneOf('suspend', 'cancel', 'keep').default('suspend'),
  /** Delay of every response of the simulated gateway, in milliseconds. */
  MARQUEE_GATEWAY_LATENCY: wholeNumber(0).default(0),
  /**
   * Time limit of a risk check, in milliseconds; a request goes on without a check that takes
   * longer.
   */
  MARQUEE_RISK_PATIENCE: wholeNumber(1).default(2_000),
});

/** The first problem of each setting. Values are not repeated, because some are secrets. */
const problemsOf = (issues: readonly z.core.$ZodIssue[]): string[] =>
  issues
    .map(({ path, message }) => ({ setting: path.join('.'), message }))
    .filter(({ setting }, index, all) => all.findIndex((one) => one.setting === setting) === index)
    .map(({ setting, message }) => `${setting} ${message}`);

export type Config = ReturnType<typeof loadConfig>;

/**
 * Reads every setting from the environment. Throws a StartupError that names each missing or wrong
 * setting with its allowed values. No other part of the application reads the environment.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>) {
  const read = schema.safeParse(environment);
  if (!read.success) throw new StartupError(`Configuration: ${problemsOf(read.error.issues).join('; ')}`, 2);
  const values = read.data;
  const groups = groupsOf(values.MARQUEE_TOPOLOGY);
  return {
    publicPort: values.MARQUEE_PORT,
    sidecarPort: values.MARQUEE_SIDECAR_PORT,
    host: values.MARQUEE_HOST,
    appId: values.MARQUEE_APP_ID,
    daprPort: values.DAPR_HTTP_PORT,
    daprToken: values.DAPR_API_TOKEN,
    appToken: values.APP_API_TOKEN,
    mongoUri: values.MONGODB_URI,
    documentsKind: values.MARQUEE_DOCUMENTS,
    testClocks: values.MARQUEE_TEST_CLOCKS,
    administrator: { email: values.MARQUEE_ADMIN_EMAIL, password: values.MARQUEE_ADMIN_PASSWORD },
    localKey: values.MARQUEE_LOCAL_KEY,
    publicUrl: (values.MARQUEE_PUBLIC_URL ?? `http://${values.MARQUEE_HOST}:${values.MARQUEE_PORT}`).replace(/\/$/, ''),
    issuer: values.MARQUEE_ISSUER,
    logLevel: values.MARQUEE_LOG_LEVEL,
    mail: { key: values.MARQUEE_SENDGRID_KEY, from: values.MARQUEE_MAIL_FROM },
    sms: { account: values.MARQUEE_TWILIO_ACCOUNT, token: values.MARQUEE_TWILIO_TOKEN, from: values.MARQUEE_SMS_FROM },
    killAt: values.MARQUEE_KILL_AT,
    cardExpiryDays: values.MARQUEE_CARD_EXPIRY_DAYS,
    guardMillis: values.MARQUEE_GUARD_SECONDS * 1000,
    sweep: { overdueMillis: values.MARQUEE_SWEEP_OVERDUE_SECONDS * 1000, everyMillis: values.MARQUEE_SWEEP_EVERY_SECONDS * 1000 },
    stripe: {
      secretKey: values.MARQUEE_STRIPE_KEY,
      webhookSecret: values.MARQUEE_STRIPE_WEBHOOK_SECRET,
      apiBase: values.MARQUEE_STRIPE_URL,
    },
    disputes: { opened: values.MARQUEE_DISPUTE_OPENED, lost: values.MARQUEE_DISPUTE_LOST },
    gatewayLatency: values.MARQUEE_GATEWAY_LATENCY,
    riskPatience: values.MARQUEE_RISK_PATIENCE,
    appIds: groups.map(appIdOfGroup),
    /** Every app-id that consumes events. */
    consumers: groups.filter((group) => group.some((name) => !withoutReactions.has(name as ServiceName))).map(appIdOfGroup),
    appIdOf: (service: ServiceName | 'actors'): string => appIdOfGroup(groups.find((group) => group.includes(service)) ?? ['actors']),
  };
}

/**
 * `all`, or groups of services as `actors,subscription|payment|invoicing`: one process and one
 * app-id a group.
 */
function groupsOf(topology: string): string[][] {
  if (topology === 'all') return [['actors', ...serviceNames]];
  return topology.split('|').map((group) => group.split(','));
}

/**
 * The group that hosts the actors is always `marquee`, for actor state is stored under its app-id.
 */
const appIdOfGroup = (group: readonly string[]): string => (group.includes('actors') ? 'marquee' : `marquee-${group[0]}`);
