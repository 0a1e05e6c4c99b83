/** An example: what it does with these servers, and where it says so. */
export type Example = (servers: string, say: (line: string) => void) => Promise<void>
