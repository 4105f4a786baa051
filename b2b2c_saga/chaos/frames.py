"""Which requests of Kafka's protocol went by in a stream of bytes that is cut anywhere."""

import struct

END_TXN = 26
"""The API key of the request that commits or aborts a transaction."""
HEAD = struct.Struct(">ih")
"""Size of what follows, and the first of what follows: the API key."""


class Requests:
    """Reads the frames of one connection as they pass."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        """Bytes of the present request that have not passed yet."""
        self._api = -1

    def passed(self, data: bytes) -> list[int]:
        """The API keys of the requests whose last byte is in `data`."""
        ended: list[int] = []
        at = 0
        while at < len(data):
            if not self._left:
                wanted = HEAD.size - len(self._head)
                self._head += data[at : at + wanted]
                at += wanted
                if len(self._head) < HEAD.size:
                    break
                size, self._api = HEAD.unpack(self._head)
                self._head, self._left = b"", size - 2
            taken = min(self._left, len(data) - at)
            self._left -= taken
            at += taken
            if not self._left:
                ended.append(self._api)
        return ended
