/** Where a value is in a {@link Roster}. */
export class Place<E> {
  readonly value: E
  /** Belong to the roster: the places before and after this one, null once it is taken out. */
  previous: Place<E> | null = null
  next: Place<E> | null = null

  constructor(value: E) {
    this.value = value
  }
}

/**
 * Values in the order in which they were added, for those that come and go all the time, such as connections. Who adds one
 * keeps its place, and takes it out by that.
 *
 * A Set would do, but for garbage collection: it moves to a new table each time that as many have come as it has room for,
 * and the old table, which still refers to the new one and to all that were in it then, keeps them alive for as long as it
 * is itself not collected. With few values and much coming and going that is half of all.
 */
export class Roster<E> {
  size = 0
  #first: Place<E> | null = null
  #last: Place<E> | null = null

  /** The place of the value that has been in for longest; null in an empty roster. */
  get first(): Place<E> | null {
    return this.#first
  }

  add(value: E): Place<E> {
    const place = new Place(value)
    place.previous = this.#last
    if (this.#last === null) this.#first = place
    else this.#last.next = place
    this.#last = place
    this.size++
    return place
  }

  /** Takes a value out, which has to be in this roster. */
  remove(place: Place<E>): void {
    const { previous, next } = place
    if (previous === null) this.#first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    place.previous = null
    place.next = null
    this.size--
  }

  /** All values as they are now, whatever comes and goes while somebody looks at them. */
  values(): E[] {
    const values: E[] = []
    for (let place = this.#first; place !== null; place = place.next) values.push(place.value)
    return values
  }
}
