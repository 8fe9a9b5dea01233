// The demo page can speak to every backend of the local server; its address says which. A customer's page has one tag with
// these attributes, as README.md shows it.

const backends = {
  'live-agent': {
    protocol: 'live-agent', endpoint: '/live-agent',
    'organization-id': '00D5x000001AbCd', 'deployment-id': '5725x000000KlMn', 'button-id': '5735x000000AbCd',
  },
  'genesys-web-api': { protocol: 'genesys', variant: 'web-api', endpoint: '/' },
  'genesys-gms': { protocol: 'genesys', variant: 'gms', endpoint: '/', service: 'customer-support' },
  // Wants `cargo xtask demo --matrix`.
  matrix: { protocol: 'matrix', endpoint: 'http://127.0.0.1:8790', support: '@support:chat.example.test' },
  liveperson: { protocol: 'liveperson', endpoint: '/liveperson', 'account-id': '55510001', 'app-key': 'demo', skill: 'Billing' },
  superoffice: { protocol: 'superoffice', endpoint: '/so', 'topic-id': '1' },
};

const named = new URLSearchParams(location.search).get('backend');
const name = named in backends ? named : 'live-agent';
const script = document.createElement('script');
script.async = true;
script.src = 'holdfast.js';
for (const [attribute, value] of Object.entries(backends[name])) script.setAttribute(`data-${attribute}`, value);
document.head.append(script);

addEventListener('DOMContentLoaded', () => {
  document.querySelector(`[href="?backend=${name}"]`)?.setAttribute('aria-current', 'true');
});
