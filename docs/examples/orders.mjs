// Writes orders.csv: 20,000 made-up orders and how many days each took. The same numbers on every machine.
import { writeFileSync } from 'node:fs';

let state = 1;
function chance() {
  // A linear congruential generator: good enough to make up orders.
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const between = (low, high) => low + Math.floor(chance() * (high - low + 1));

const countries = ['DE', 'DE', 'FR', 'IT', 'ES', 'PL'];
const lines = ['placed,country,items,weight,days'];
let placed = Date.UTC(2026, 0, 1);
for (let n = 0; n < 20_000; n++) {
  placed += between(1, 12) * 60_000;
  const country = countries[between(0, countries.length - 1)];
  const weight = (0.2 + 8 * chance() ** 3).toFixed(2);
  const far = country === 'IT' || country === 'ES';
  const weekend = [0, 5, 6].includes(new Date(placed).getUTCDay());
  const late = chance() < 0.1 + (far ? 0.25 : 0) + (Number(weight) > 3 ? 0.2 : 0) + (weekend ? 0.15 : 0);
  const days = between(1, 5) + (late ? between(6, 12) : 0);
  lines.push([new Date(placed).toISOString(), country, between(1, 9), weight, days].join(','));
}
writeFileSync('orders.csv', `${lines.join('\n')}\n`);
