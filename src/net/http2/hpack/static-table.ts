/** The static table of RFC 7541, appendix A, in its order: index 1 is the first. A field without a value is written as its name alone. */
const fields = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`
  .split("\n")
  .map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? ([line, ""] as const) : ([line.slice(0, space), line.slice(space + 1)] as const);
  });

/** Names and values of the static table by their index; nothing is at 0. */
export const staticNames: readonly string[] = ["", ...fields.map(([name]) => name)];
export const staticValues: readonly string[] = ["", ...fields.map(([, value]) => value)];

/** How many entries the static table has: the dynamic one begins behind them. */
export const staticCount = fields.length;

/** The first index of a name in the static table, and the index of each value it has there. */
export type StaticName = { readonly index: number; readonly values: ReadonlyMap<string, number> };

/** The static table by name. */
export const staticByName: ReadonlyMap<string, StaticName> = byName();

function byName(): ReadonlyMap<string, StaticName> {
  const names = new Map<string, { index: number; values: Map<string, number> }>();
  fields.forEach(([name, value], at) => {
    const known = names.get(name);
    if (known === undefined) names.set(name, { index: at + 1, values: new Map([[value, at + 1]]) });
    else known.values.set(value, at + 1);
  });
  return names;
}
