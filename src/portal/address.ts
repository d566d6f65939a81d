import { PAGE_PREFIX } from '../contract/control/calls.ts';

/** Everything that the page shows is in its address: a link shows the same to whoever opens it. */
export interface Address {
  place: Place;
  /** The delivery, or the reference of a trace. */
  id: string | null;
  /** Filters of the list, and what else a place remembers. */
  query: Readonly<Record<string, string>>;
}

export const PLACES = ['deliveries', 'trace', 'testing', 'schedule', 'configuration'] as const;
export type Place = (typeof PLACES)[number];

/** What an address says; an unknown place is the first one. */
export function readAddress(url: Pick<URL, 'pathname' | 'search'>): Address {
  const [name, id] = url.pathname.slice(PAGE_PREFIX.length + 1).split('/');
  const place = PLACES.find((one) => one === name) ?? 'deliveries';
  return {
    place,
    id: id ? decodeSegment(id) : null,
    query: Object.fromEntries(new URLSearchParams(url.search)),
  };
}

/** The address of a place, as a path with query. */
export function writeAddress({ place, id, query }: Address): string {
  const set = Object.entries(query).filter(([, value]) => value !== '');
  const search = new URLSearchParams(set).toString();
  const path = `${PAGE_PREFIX}/${place}${id === null ? '' : `/${encodeURIComponent(id)}`}`;
  return search === '' ? path : `${path}?${search}`;
}

/** Another place starts without what this one remembers. */
export function changeAddress(address: Address, change: Partial<Address>): Address {
  const same = change.place === undefined || change.place === address.place;
  return { ...(same ? address : { ...address, id: null, query: {} }), ...change };
}

/** Somebody may have typed it: what cannot be decoded means itself. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
