/**
 * What a server that is started without any configuration gets: safe on a developer's machine, and complete enough to
 * look around. With a zoo.cfg none of it holds: then the defaults are Java's, to the letter.
 */
export const PRODUCT_DEFAULTS: readonly (readonly [name: string, text: string])[] = [
  ['clientPort', '2181'],
  // Nothing is open to the network until somebody asks for it.
  ['clientPortAddress', '127.0.0.1'],
  ['autopurge.snapRetainCount', '3'],
  ['autopurge.purgeInterval', '1'],
  ['4lw.commands.whitelist', 'srvr,ruok,mntr,isro,stat,conf'],
]
