// The way to the provider and back in a real browser, without scripts: cookies, redirects and the pages' own policy must let it through.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startHub } from '../../Services.Tests/src/hub.mjs';
import { startProvider } from './provider.mjs';

const password = 'correct horse battery';
let provider;
let hub;
let browser;

before(async () => {
  provider = await startProvider();
  const one = 'Auth:OpenId:rs256';
  hub = await startHub(
    'Hub:Spawner=process', `${one}:Authority=${provider.issuer}`, `${one}:ClientId=hub-RS256`, `${one}:ClientSecret=${provider.secret}`, `${one}:RequireHttpsMetadata=false`,
    `${one}:GetClaimsFromUserInfoEndpoint=true`, `${one}:DisplayName=School account`, `${one}:Allow:Everyone=true`);
  provider.register(hub, ['RS256']);
  for (const [path, body] of [['users/ada', {}], ['users/ada/password', { password }]]) {
    const made = await hub.call(`hub/api/${path}`, { method: path.endsWith('password') ? 'PUT' : 'POST', body: JSON.stringify(body) });
    assert.ok(made.ok, await made.text());
  }
  browser = await chromium.launch({ executablePath: process.env.HUB_TEST_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  await hub?.stop();
  await provider?.stop();
});

async function newPage() {
  const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: 'dark' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const said = [];
  page.on('console', message => message.type() === 'error' && said.push(message.text()));
  return { context, page, said };
}

test('an account with a password is connected, and from then on the button on the sign-in page leads to it', async () => {
  provider.expect('person-ada', { preferred_username: 'ada', name: 'Ada' });
  const { context, page, said } = await newPage();
  await page.goto(`${hub.url}hub/login`);
  await page.getByRole('link', { name: 'Sign in with School account' }).click();
  await page.getByRole('heading', { name: 'Somebody has your name' }).waitFor();

  await context.clearCookies();
  await page.goto(`${hub.url}hub/login?next=%2Fhub%2Fpassword`);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Connect School account' }).click();
  await page.getByText('Connected with your account').waitFor(); // by the page between, by itself

  await context.clearCookies();
  await page.goto(`${hub.url}hub/login`);
  await page.getByRole('link', { name: 'Sign in with School account' }).click();
  await page.getByRole('heading', { name: 'Hello, ada' }).waitFor();
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${provider.issuer}/session/end**`);
  assert.deepEqual(said.filter(line => !/status of (403|409)/.test(line)), []);
  await context.close();
});
