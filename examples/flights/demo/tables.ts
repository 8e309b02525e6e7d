import Table from 'cli-table3';
import type { AirportRow, FlightRow } from './independent-fold';

const number = new Intl.NumberFormat('en-US');
const percent = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1 });

export function airportTable(rows: readonly AirportRow[]): string {
  const table = new Table({
    head: ['airport', 'departures', 'arrivals', 'delay minutes', 'on time'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { airport, departures, arrivals, delayMinutes, onTimeShare } of rows) {
    const share = onTimeShare === null ? '' : percent.format(onTimeShare);
    table.push([
      airport,
      number.format(departures),
      number.format(arrivals),
      number.format(delayMinutes),
      share,
    ]);
  }
  return table.toString();
}

export function flightTable(rows: readonly FlightRow[]): string {
  const table = new Table({
    head: ['flight', 'from', 'to', 'departed', 'miles', 'minutes late'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { flightId, origin, destination, departedAt, distanceMiles, delayMinutes } of rows) {
    const departed = departedAt.slice(0, 16).replace('T', ' ');
    table.push([
      flightId,
      origin,
      destination,
      departed,
      number.format(distanceMiles),
      number.format(delayMinutes),
    ]);
  }
  return table.toString();
}
