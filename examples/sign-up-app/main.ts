// A web page that signs customers up: PORT=3000 npx node examples/sign-up-app/main.ts
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect, MarqueeProblem } from '../marquee.ts';
import { mayWatch, plan, type Subscription, signUp } from './sign-up.ts';

const marquee = connect();
const port = Number(process.env.PORT ?? 3000);

type Page = { readonly status: number; readonly body: string };

const escaped = (value: string) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const page = (status: number, body: string): Page => ({ status, body: `<!doctype html><title>Streaming</title>${body}` });

const form = () =>
  page(
    200,
    `<h1>Streaming, EUR 9.99 a month</h1>
    <form method="post" action="/sign-up">
      <input type="hidden" name="formId" value="${randomUUID()}">
      <input name="name" placeholder="Name" required>
      <input name="email" type="email" placeholder="E-mail" required>
      <input name="cardToken" value="tok_ok" required>
      <button>Subscribe</button>
    </form>`,
  );

const welcome = (customerId: string, { status, currentPeriod, entitlements }: Subscription) =>
  status === 'active'
    ? page(
        200,
        `<h1>Welcome</h1>
        <p>You may watch on ${entitlements.maxStreams} screens until ${currentPeriod?.end}.</p>
        <p><a href="/watch/${customerId}">Watch</a></p>`,
      )
    : page(402, '<h1>Payment failed</h1><p>Your card was declined. <a href="/">Try another one</a>.</p>');

async function pageFor({ method, url = '/' }: IncomingMessage, body: string): Promise<Page> {
  if (method === 'GET' && url === '/') return form();
  if (method === 'POST' && url === '/sign-up') {
    const { formId = '', name = '', email = '', cardToken = '' } = Object.fromEntries(new URLSearchParams(body));
    if (!/^[\w-]{36}$/.test(formId)) return page(400, '<h1>This form is not complete</h1>');
    return welcome(`cus_${formId}`, await signUp(marquee, { formId, name, email, cardToken }));
  }
  const [, customerId] = /^\/watch\/(cus_[\w-]+)$/.exec(url) ?? [];
  if (method === 'GET' && customerId) {
    return (await mayWatch(marquee, customerId)) ? page(200, '<h1>The film starts</h1>') : page(403, '<h1>No access</h1>');
  }
  return page(404, '<h1>Not found</h1>');
}

/** A refusal is shown to the customer, an outage is not. */
const problemPage = (error: unknown): Page =>
  error instanceof MarqueeProblem && error.status < 500
    ? page(error.status, `<h1>This did not work</h1><p>${escaped(error.message)}</p>`)
    : page(503, '<h1>Please try again in a moment</h1>');

await marquee.post('/v1/plans', plan);
const server = createServer(async (request, response) => {
  const { status, body } = await pageFor(request, await text(request)).catch(problemPage);
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body);
});
server.listen(port, '127.0.0.1', () => console.log(`Sign up at http://127.0.0.1:${port}`));
process.once('SIGTERM', () => server.close().closeAllConnections());
