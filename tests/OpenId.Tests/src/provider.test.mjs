// The hub against a certified OpenID provider: signing in, new keys, refreshing, signing out from both sides, groups.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHub, waitUntil } from '../../Services.Tests/src/hub.mjs';
import { Browser } from './browser.mjs';
import { startProvider } from './provider.mjs';

const algorithms = ['RS256', 'PS256', 'ES256'];
let provider;
let hub;

before(async () => {
  provider = await startProvider();
  const settings = algorithms.flatMap(algorithm => {
    const one = `Auth:OpenId:${algorithm.toLowerCase()}`;
    return [
      `${one}:Authority=${provider.issuer}`, `${one}:ClientId=hub-${algorithm}`, `${one}:ClientSecret=${provider.secret}`, `${one}:RequireHttpsMetadata=false`,
      `${one}:Scope:0=profile`, `${one}:Scope:1=email`, `${one}:Scope:2=groups`, `${one}:Scope:3=offline_access`, `${one}:Prompt=consent`,
      `${one}:GetClaimsFromUserInfoEndpoint=true`, `${one}:TokenValidationParameters:ValidAlgorithms:0=${algorithm}`,
      `${one}:Allow:Domains:0=school.example`, `${one}:AdminGroups:0=hub-admins`, `${one}:RecheckInterval=00:00:02`, `${one}:RefreshInterval=00:00:00`,
    ];
  });
  hub = await startHub('Hub:Spawner=process', 'Auth:RecheckSeconds=1', 'Accounts:ActivityResolutionSeconds=1', 'Logging:LogLevel:Hub=Debug', ...settings);
  provider.register(hub, algorithms);
});
after(async () => {
  await hub?.stop();
  await provider?.stop();
});

const person = (name, more = {}) => ({ preferred_username: name, name: `${name} of the test`, email: `${name}@school.example`, email_verified: true, groups: ['pupils'], ...more });

async function signIn(id, claims, algorithm = 'RS256', browser = new Browser()) {
  provider.expect(id, claims);
  const end = await browser.go(`${hub.url}hub/openid/${algorithm.toLowerCase()}?next=%2Fhub%2Ftoken`);
  return { browser, end };
}

for (const algorithm of algorithms) {
  test(`somebody signs in with tokens signed by ${algorithm}`, async () => {
    const { browser, end } = await signIn(`person-${algorithm}`, person(`ada-${algorithm.toLowerCase()}`), algorithm);
    assert.equal(end.url, `${hub.url}hub/token`, end.html);
    const who = await browser.who(hub);
    assert.equal(who.name, `ada-${algorithm.toLowerCase()}`);
    assert.equal(who.admin, false);
  });
}

test('a group of the provider makes an administrator, and losing it ends that', async () => {
  const first = await signIn('person-grace', person('grace', { groups: ['hub-admins'] }));
  assert.equal((await first.browser.who(hub)).admin, true);
  const second = await signIn('person-grace', person('grace', { groups: [] }));
  assert.equal((await second.browser.who(hub)).admin, false);
});

test('an unconfirmed address and a foreign one are kept out with a page', async () => {
  for (const claims of [person('eve', { email_verified: false }), person('eve', { email: 'eve@elsewhere.example' })]) {
    const { browser, end } = await signIn(`person-eve-${claims.email}`, claims);
    assert.equal(end.status, 403);
    assert.match(end.html, /You may not use this hub/);
    assert.equal(await browser.who(hub), null);
  }
});

test('new keys of the provider are found', async () => {
  await signIn('person-before', person('before'));
  provider.rotate();
  const { browser } = await signIn('person-after', person('after'));
  assert.equal((await browser.who(hub)).name, 'after');
});

test('the provider is asked again, and whoever it drops is signed out', async () => {
  const { browser } = await signIn('person-hopper', person('hopper'));
  const before = provider.counts.refreshed;
  await waitUntil(async () => {
    assert.equal((await browser.who(hub)).name, 'hopper');
    return provider.counts.refreshed >= before + 2; // the second with the token the first brought
  }, 'two refreshes');
  provider.people.delete('person-hopper');
  await waitUntil(async () => await browser.who(hub) === null, 'the sign-in to end');
  assert.match(hub.log(), /A sign-in of hopper with rs256 ended/);
});

test('signing out here signs out there and comes back', async () => {
  const { browser } = await signIn('person-out', person('out'));
  const confirm = await browser.go(`${hub.url}hub/logout`);
  assert.ok(confirm.url.startsWith(`${provider.issuer}/session/end`), confirm.url);
  assert.equal(await browser.who(hub), null);
  const back = await confirmLogout(browser, confirm);
  assert.ok(back.url.startsWith(`${hub.url}hub/openid/rs256/signed-out?state=`), back.url);
  assert.match(back.html, /You are signed out/);
  // The provider has forgotten them: whoever comes next in this browser is asked anew.
  const { browser: again } = await signIn('person-other', person('other'), 'RS256', browser);
  assert.equal((await again.who(hub)).name, 'other');
});

test('signing out there signs out here', async () => {
  const { browser } = await signIn('person-there', person('there'));
  const { browser: stranger } = await signIn('person-stranger', person('stranger'));
  const confirm = await browser.go(`${provider.issuer}/session/end`);
  await confirmLogout(browser, confirm);
  await waitUntil(async () => await browser.who(hub) === null, 'the sign-in to end');
  assert.deepEqual(provider.counts.loggedOut.filter(said => said !== 'hub-RS256'), []);
  assert.equal((await stranger.who(hub)).name, 'stranger');
});

test('the hub starts and lets people in while the provider is away', async () => {
  const { browser } = await signIn('person-stays', person('stays'));
  await provider.stop();
  await new Promise(ok => setTimeout(ok, 4000));
  assert.equal((await browser.who(hub)).name, 'stays', 'a provider that is away signs nobody out');
  await hub.kill();
  await hub.start();
  assert.equal((await browser.who(hub)).name, 'stays');
  const away = await new Browser().go(`${hub.url}hub/openid/rs256`);
  assert.equal(away.status, 503);
  assert.match(away.html, /does not answer/);
});

test('no token, code or secret is in the log', () => {
  assert.doesNotMatch(hub.log(), /eyJ[A-Za-z0-9_-]{10}|[?&]code=/);
  assert.ok(!hub.log().includes(provider.secret));
});

async function confirmLogout(browser, page) {
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.html)?.[1];
  assert.ok(xsrf, page.html);
  return browser.go(`${provider.issuer}/session/end/confirm`, {
    method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ xsrf, logout: 'yes' }),
  });
}
