"""A client as the README of windfall-client has it: python3 client.py 127.0.0.1:50051 wf_test_demo"""

import queue
import sys
import uuid

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status
from windfall.common.v1.errors_pb2 import ErrorReason
from windfall.jackpot.v1 import jackpot_pb2, jackpot_pb2_grpc
from windfall.lootbox.v1 import lootbox_pb2, lootbox_pb2_grpc

address, key = sys.argv[1:]
caller = (("authorization", f"Bearer {key}"),)

with grpc.insecure_channel(address) as channel:
    lootboxes = lootbox_pb2_grpc.LootboxServiceStub(channel)
    request = lootbox_pb2.OpenLootboxRequest(
        id="welcome-box", user_id="StarlordV7", idempotency_key=str(uuid.uuid4())
    )
    box = lootboxes.OpenLootbox(request, metadata=caller, timeout=20)
    print("opened", box.open_id, box.reward.amount, box.reward.asset)

    # The next message is sent when the answer to the one before has come, as a pipeline that keeps one in flight does.
    messages: queue.SimpleQueue[jackpot_pb2.StreamContributionsRequest | None] = queue.SimpleQueue()
    jackpots = jackpot_pb2_grpc.JackpotServiceStub(channel)
    answers = jackpots.StreamContributions(iter(messages.get, None), metadata=caller, timeout=20)
    for wager in range(3):
        item = jackpot_pb2.ContributeToJackpotRequest(
            id="daily-drop", user_id="StarlordV7", source_wager_id=str(uuid.uuid4()), amount=0.5
        )
        messages.put(jackpot_pb2.StreamContributionsRequest(items=[item]))
        print("contributed", next(answers).results[0].contributed.pool)
    messages.put(None)
    assert next(answers, None) is None

    try:
        lootboxes.OpenLootbox(lootbox_pb2.OpenLootboxRequest(id="no-such-box", user_id="StarlordV7"), metadata=caller)
    except grpc.RpcError as error:
        info = ErrorInfo()
        assert rpc_status.from_call(error).details[0].Unpack(info)
        assert ErrorReason.Value(f"ERROR_REASON_{info.reason}") == ErrorReason.ERROR_REASON_LOOTBOX_NOT_FOUND
        print("refused", error.code().name, info.reason, dict(info.metadata))
