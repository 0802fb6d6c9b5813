/**
 * A parameter sweep: the course of an epidemic in the SIR model, for each combination of rates.
 *
 * @module
 * @see https://en.wikipedia.org/wiki/Compartmental_models_in_epidemiology
 */

/** The parameters of one simulation, as rates per day. */
export interface Rates {
  /** Contacts of an infected person that infect, per day. */
  readonly beta: number;
  /** The share of infected persons that recover, per day. */
  readonly gamma: number;
}

/** The outcome of one simulation. */
export interface Course extends Rates {
  /** The largest share of infected persons. */
  readonly peak: number;
  /** The day of the peak. */
  readonly day: number;
}

const DAYS = 365;
const STEPS_PER_DAY = 10;

/** The task method: simulates a year, beginning with one infected person in ten thousand. */
export function course({ beta, gamma }: Rates): Course {
  let susceptible = 0.9999, infected = 0.0001, peak = infected, day = 0;
  for (let step = 0; step < DAYS * STEPS_PER_DAY; step++) {
    const infections = beta * susceptible * infected / STEPS_PER_DAY;
    susceptible -= infections;
    infected += infections - gamma * infected / STEPS_PER_DAY;
    if (infected > peak) [peak, day] = [infected, Math.round(step / STEPS_PER_DAY)];
  }
  return { beta, gamma, peak: Number(peak.toFixed(4)), day };
}

/** The reducer: keeps the course with the highest peak. */
export function worst(kept: Course | undefined, one: Course): Course {
  return kept && kept.peak >= one.peak ? kept : one;
}
