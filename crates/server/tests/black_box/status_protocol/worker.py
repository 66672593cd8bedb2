"""A worker as lazy-lecture has it: it waits for messages, opens the recording by its owner's number, and reports.

    worker.py SERVER FOLDER QUEUE

The broker's URL is in AMQP_URL, the secret in WORKER_TOKEN. What it recognises is the number of the chunk. It does
nothing by itself: before each chunk it reads a line from stdin, which is `hear`, `fail and give back` or
`fail and forget`. What it did is a line of JSON on stdout.
"""

import hashlib
import json
import math
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

import pika

SERVER, FOLDER, QUEUE = sys.argv[1:]
TOKEN = os.environ["WORKER_TOKEN"]
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Trouble(Exception):
    """The recogniser broke down."""


def tell(what, **more):
    print(json.dumps({"what": what, **more}), flush=True)


def ask(method, parameters, body=None):
    query = urllib.parse.urlencode({**parameters, "secret_worker_token": TOKEN})
    request = urllib.request.Request(f"{SERVER}/worker/transcription_status?{query}", method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with HTTP.open(request, timeout=30) as answer:
        return json.load(answer)["transcription"]


def look(job):
    return ask("GET", {"transcription_id": job["transcription_id"]})


def report(job, **fields):
    return ask("POST", {}, {"transcription_id": job["transcription_id"], **fields})


def recognise(number):
    command = sys.stdin.readline().strip()
    if command != "hear":
        raise Trouble(command)
    return {"text": f"words of chunk {number}", "chunk_no": number}


def transcribe(job):
    with open(pathlib.Path(FOLDER, f"{job['user_id']}.mp3"), "rb") as recording:
        sha256 = hashlib.sha256(recording.read()).hexdigest()
    begun = report(job, current_state="in_progress")
    tell("began", job=job, sha256=sha256, state=begun["current_state"])
    for number in range(math.ceil(begun["audio_len_secs"] / begun["chunk_size_secs"])):
        chunk = recognise(number)
        if look(job)["current_state"] == "cancelled":
            last = report(job, current_state="completed_partially", new_chunk=chunk)
            return tell("stopped", state=last["current_state"])
        tell("heard", number=number, state=report(job, new_chunk=chunk)["current_state"])
    tell("ended", state=report(job, current_state="completed")["current_state"])


def on_message(channel, method, _properties, body):
    job = json.loads(body)
    try:
        transcribe(job)
    except Trouble as trouble:
        failed = report(job, current_state="processing_error")
        is_over = failed["current_state"] == "processing_fail"
        if str(trouble) == "fail and give back" and not is_over:
            channel.basic_nack(method.delivery_tag, requeue=True)
            tell("failed", state=failed["current_state"], errors=failed["error_count"])
            return
        tell("failed", state=failed["current_state"], errors=failed["error_count"])
    except urllib.error.HTTPError as refused:
        tell("refused", status=refused.code, body=json.load(refused))
    channel.basic_ack(method.delivery_tag)


connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.queue_declare(queue=QUEUE, durable=True)
channel.basic_qos(prefetch_count=1)
channel.basic_consume(queue=QUEUE, on_message_callback=on_message)
tell("waits")
channel.start_consuming()
