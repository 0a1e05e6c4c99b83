/** The words of a line: apart by blanks, or in quotes of either kind; nothing is escaped (`ZooKeeperMain.parseCommand`). */
export function splitWords(line: string): string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(/[^"'\s]\S*|"[^"]*"|'[^']*'/g)) {
    words.push(/^(["']).*\1$/s.test(word) && word.length > 1 ? word.slice(1, -1) : word)
  }
  return words
}
