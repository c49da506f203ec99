// The certified provider, on a free port: signs in whoever is named by `next`, asks nobody anything.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

function newKey(kind, kid) {
  const { privateKey } = kind === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

export async function startProvider() {
  const people = new Map();
  const counts = { refreshed: 0, loggedOut: [] };
  let next = '';
  let round = 0;
  let provider;
  const server = createServer(async (request, answer) => {
    if (!request.url.startsWith('/interaction/')) return provider.callback()(request, answer);
    const { prompt, params, session } = await provider.interactionDetails(request, answer);
    if (prompt.name === 'login') return provider.interactionFinished(request, answer, { login: { accountId: next } });
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return provider.interactionFinished(request, answer, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  });
  await new Promise(ok => server.listen(0, '127.0.0.1', ok));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const cookieKeys = [randomBytes(16).toString('hex')];
  let clients = [];

  /** Starts over with new keys and everything else as it was. */
  function rotate() {
    round++;
    provider = new Provider(issuer, {
      clients,
      jwks: { keys: [newKey('RSA', `rsa-${round}`), newKey('EC', `ec-${round}`)] },
      cookies: { keys: cookieKeys },
      claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'], groups: ['groups'] },
      scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
      pkce: { required: () => true },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true, logoutSource: (context, form) => { context.body = form; }, postLogoutSuccessSource: context => { context.body = 'signed out of the provider'; } },
      },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_, id) => people.has(id) ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) } : undefined,
      rotateRefreshToken: true,
      // Without the provider's own dispatcher, which refuses addresses of this machine.
      fetch: (url, { dispatcher, ...options }) => fetch(url, { ...options, signal: AbortSignal.timeout(10_000) }),
    });
    provider.on('grant.success', context => { if (context.oidc.params.grant_type === 'refresh_token') counts.refreshed++; });
    provider.on('backchannel.success', (_, client) => counts.loggedOut.push(client.clientId));
    provider.on('backchannel.error', (_, error, client) => counts.loggedOut.push(`${client.clientId}: ${error.message}`));
    provider.on('server_error', (_, error) => console.error(error));
  }

  return {
    issuer, people, counts, rotate,
    secret: 'a-secret-of-the-test-with-enough-letters',
    /** Makes the hub known: one client an algorithm. */
    register(hub, algorithms) {
      clients = algorithms.map(algorithm => ({
        client_id: `hub-${algorithm}`, client_secret: this.secret, id_token_signed_response_alg: algorithm,
        grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
        redirect_uris: [`${hub.url}hub/openid/${algorithm.toLowerCase()}/callback`],
        post_logout_redirect_uris: [`${hub.url}hub/openid/${algorithm.toLowerCase()}/signed-out`],
        backchannel_logout_uri: `${hub.url}hub/openid/${algorithm.toLowerCase()}/logout`, backchannel_logout_session_required: true,
      }));
      rotate();
    },
    /** Whoever comes next is this person. */
    expect(id, claims) {
      people.set(id, claims);
      next = id;
    },
    stop: () => new Promise(ok => { server.closeAllConnections(); server.close(ok); }),
  };
}
