"""An agent who answers with a Matrix client of somebody else's, matrix-nio.

    agent.py URL USER PASSWORD

Wishes come as lines of JSON, news go out as lines of JSON. A wish names its room, or means the one that was heard of last.
"""

import asyncio
import itertools
import json
import logging
import sys
import uuid

from nio import (
    AsyncClient, InviteMemberEvent, LoginResponse, ReceiptEvent, RoomMemberEvent, RoomMessage, RoomSendResponse, SyncResponse,
    TypingNoticeEvent,
)

logging.disable(logging.CRITICAL)


def tell(**news) -> None:
    print(json.dumps(news), flush=True)


class Agent:
    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.room = None
        client.add_event_callback(self.invited, InviteMemberEvent)
        client.add_event_callback(self.heard, RoomMessage)
        client.add_event_callback(self.moved, RoomMemberEvent)
        client.add_ephemeral_callback(self.typed, TypingNoticeEvent)
        client.add_ephemeral_callback(self.read, ReceiptEvent)

    async def invited(self, room, event) -> None:
        if event.state_key == self.client.user_id and event.membership == "invite":
            await self.client.join(room.room_id)

    async def heard(self, room, event) -> None:
        self.room = room.room_id
        if event.sender != self.client.user_id:
            tell(heard=getattr(event, "body", ""), by=event.sender, room=room.room_id, id=event.event_id)

    async def moved(self, room, event) -> None:
        self.room = room.room_id
        tell(member=event.state_key, is_now=event.membership, room=room.room_id)

    async def typed(self, room, event) -> None:
        tell(typing=[user for user in event.users if user != self.client.user_id], room=room.room_id)

    async def read(self, room, event) -> None:
        others = [receipt.event_id for receipt in event.receipts if receipt.user_id != self.client.user_id]
        tell(read=others, room=room.room_id)

    async def send(self, room, content):
        """Sends until the server is well enough to take or refuse it, as an app does."""
        id = str(uuid.uuid4())
        for tries in itertools.count(1):
            answer = await self.client.room_send(room, "m.room.message", content, tx_id=id, ignore_unverified_devices=True)
            if isinstance(answer, RoomSendResponse) or answer.transport_response.status < 500:
                return answer, tries
            await asyncio.sleep(0.5)

    async def obey(self, wish: dict) -> None:
        room = wish.get("room", self.room)
        match wish:
            case {"say": text}:
                content = {"msgtype": "m.text", "body": text, **wish.get("content", {})}
                answer, tries = await self.send(room, content)
                tell(said=text, id=getattr(answer, "event_id", None), error=getattr(answer, "message", None), tries=tries)
            case {"typing": is_typing}:
                await self.client.room_typing(room, is_typing)
            case {"has_read": event}:
                await self.client.update_receipt_marker(room, event)
            case {"take_back": event}:
                answer = await self.client.room_redact(room, event)
                tell(taken_back=event, error=getattr(answer, "message", None))
            case {"kick": user}:
                answer = await self.client.room_kick(room, user, "closed")
                tell(kicked=user, error=getattr(answer, "message", None))
            case {"leave": True}:
                await self.client.room_leave(room)
            case {"invite": user}:
                await self.client.room_invite(room, user)
            case {"create": alias, **rest}:
                made = await self.client.room_create(alias=alias, initial_state=rest.get("state", []), invite=rest.get("invites", []))
                tell(created=made.room_id)


async def main(url: str, user: str, password: str) -> None:
    client = AsyncClient(url, user)
    if not isinstance(await client.login(password, device_name="agent"), LoginResponse):
        sys.exit("the agent may not log in")
    agent = Agent(client)
    first = await client.sync(timeout=0, full_state=True)
    assert isinstance(first, SyncResponse), first
    tell(ready=client.user_id)
    loop = asyncio.get_running_loop()
    syncing = asyncio.create_task(client.sync_forever(timeout=30_000))
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await agent.obey(json.loads(line))
    syncing.cancel()
    await client.close()


asyncio.run(main(*sys.argv[1:]))
