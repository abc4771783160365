import test from 'ava';
import { loadConfig } from '../../services/shared/config.ts';
import { connectDocuments } from '../../services/shared/mongo.ts';
import { StartupError } from '../../services/shared/startup-error.ts';

const refused = (settings: Readonly<Record<string, string>>) => {
  try {
    loadConfig({ APP_API_TOKEN: 'token', ...settings });
    return undefined;
  } catch (error) {
    return error instanceof StartupError ? { message: error.message, exitCode: error.exitCode } : error;
  }
};

test('a missing setting is named as required', (t) => {
  t.throws(() => loadConfig({}), { instanceOf: StartupError, message: 'Configuration: APP_API_TOKEN is required' });
});

test('several wrong settings are named in one line, each with its allowed values', (t) => {
  t.deepEqual(refused({ APP_API_TOKEN: '', MARQUEE_PORT: '0', MARQUEE_LOG_LEVEL: 'loud', MARQUEE_PUBLIC_URL: 'ftp://example.com' }), {
    message: [
      'Configuration: MARQUEE_PORT must be a whole number from 1 to 65535',
      'APP_API_TOKEN is required',
      'MARQUEE_PUBLIC_URL must be an http or https URL',
      'MARQUEE_LOG_LEVEL must be trace, debug, info, warn, error or silent',
    ].join('; '),
    exitCode: 2,
  });
});

test('a value that is not a number, has a fraction or is too small is refused with its range', (t) => {
  for (const value of ['many', '1.5', '-1'])
    t.like(refused({ MARQUEE_GATEWAY_LATENCY: value }), {
      message: 'Configuration: MARQUEE_GATEWAY_LATENCY must be a whole number of at least 0',
    });
});

test('a refused secret is not repeated', (t) => {
  const { message } = refused({ MARQUEE_STRIPE_KEY: 'pk_live_visible' }) as { message: string };

  t.is(message, 'Configuration: MARQUEE_STRIPE_KEY must be a secret or restricted key of Stripe, for example sk_test_...');
});

test('a document store that does not respond is named by its address and setting, without its password', async (t) => {
  const error = await t.throwsAsync(connectDocuments('mongodb://marquee:secret@127.0.0.1:1/marquee?authSource=admin', 100), {
    instanceOf: StartupError,
  });

  t.regex(error.message, /^The document store at 127\.0\.0\.1:1 does not answer \(setting MONGODB_URI\): /);
  t.false(error.message.includes('secret'));
  t.is(error.exitCode, 1);
});
