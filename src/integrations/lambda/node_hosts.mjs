// AWS's SDK for JavaScript puts "sync-" before the host of StartSyncExecution, also where that is a local
// endpoint, and reads no variable that forbids it. Such a name leads to the endpoint itself.
import dns from 'node:dns';

export function findSyncHost(endpoint) {
  if (!URL.canParse(endpoint)) return;
  const { hostname } = new URL(endpoint);
  const { lookup } = dns;
  const found = (name, ...rest) => lookup(name === `sync-${hostname}` ? hostname : name, ...rest);
  // How it turns into a promise, among others.
  Object.defineProperties(found, Object.getOwnPropertyDescriptors(lookup));
  dns.lookup = found;
}
