"""Joins parties with kazoo, says whom it sees, and leaves once /done is there. Arguments: the server's address, and how
many members there are in the end."""
import sys
import time

from kazoo.client import KazooClient
from kazoo.recipe.party import Party, ShallowParty

LIMIT_S = 60


def until(condition):
    end = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come")
        time.sleep(0.02)


client = KazooClient(hosts=sys.argv[1])
client.start()
parties = {"party": Party(client, "/party", "theirs"), "shallow": ShallowParty(client, "/shallow", "theirs")}
for name, party in parties.items():
    party.join()
    until(lambda: len(party) == int(sys.argv[2]))
    print(name, *sorted(party))
until(lambda: client.exists("/done"))
for party in parties.values():
    party.leave()
client.stop()
print("done")
