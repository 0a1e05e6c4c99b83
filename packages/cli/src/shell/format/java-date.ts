const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as Java's `Date.toString` has it, in the local time zone: `Sat Nov 21 15:10:48 UTC 2026`. */
export function javaDate(millis: number): string {
  const date = new Date(millis)
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  const day = `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())}`
  return `${day} ${time} ${zoneName(date)} ${String(date.getFullYear()).padStart(4, '0')}`
}

/** The short name of the zone: no single locale knows both `EST` and `CET`. */
export function zoneName(date: Date): string {
  const names = ['en-US', 'en-GB', 'en-AU'].map((locale) => {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date)
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  })
  return names.find((name) => !/^GMT[+-]/.test(name)) ?? (names[0] as string)
}
