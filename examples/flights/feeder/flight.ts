/** One flight as its dataset has it. */
export interface Flight {
  /** Its row in the dataset, such as `20k-00001`: the same each time, and sorted as the rows are. */
  readonly id: string;
  /** Local time of departure, `YYYY/MM/DD HH:mm`. */
  readonly date: string;
  /** Minutes late on landing; negative when early. */
  readonly delay: number;
  /** Statute miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** Flights in the order of their ids. */
export type Flights = Iterable<Flight> | AsyncIterable<Flight>;
