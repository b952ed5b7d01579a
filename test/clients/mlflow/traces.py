"""Traces, assessments and evaluation datasets with MLflow's own client, against its autologger of OpenAI too.

TRIMTAB_TEST_OPENAI names the folder in which the package `openai` is; without it that step is passed over.
"""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import mlflow
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Feedback, SpanType
from steps import raises, run_all, step

client = MlflowClient()
experiment = mlflow.set_experiment("traced").experiment_id
PLACE = {"locations": [experiment]}


def search(filter_string=None, **options):
    mlflow.flush_trace_async_logging()
    return mlflow.search_traces(filter_string=filter_string, return_type="list", **PLACE, **options)


@mlflow.trace(span_type=SpanType.TOOL)
def double(x):
    return {"double": x * 2, "exact": 1.0}


@mlflow.trace
def agent(question):
    mlflow.update_current_trace(tags={"env": "test"}, metadata={"mlflow.trace.session": "s-1"})
    with mlflow.start_span(name="look up", span_type=SpanType.RETRIEVER) as span:
        span.set_inputs({"q": question})
        span.set_attributes({"whole": 1, "exact": 2.0, "large": 2**60, "list": [1, "a", None]})
        span.set_outputs(["ein Flug", "🛫"])
    return double(3)


@step
def nested_spans():
    agent("hello")
    [trace] = search()
    assert (trace.info.state, trace.info.tags["env"]) == ("OK", "test"), trace.info
    assert trace.info.execution_duration is not None and trace.info.request_time > 0
    root, retriever, tool = trace.data.spans
    assert (root.name, root.parent_id, root.inputs) == ("agent", None, {"question": "hello"})
    assert retriever.parent_id == root.span_id and tool.parent_id == root.span_id
    assert retriever.span_type == "RETRIEVER" and retriever.outputs == ["ein Flug", "🛫"]
    assert retriever.get_attribute("exact") == 2.0 and isinstance(retriever.get_attribute("exact"), float)
    assert isinstance(retriever.get_attribute("whole"), int) and retriever.get_attribute("large") == 2**60
    assert retriever.get_attribute("list") == [1, "a", None]
    assert tool.outputs == {"double": 6, "exact": 1.0}
    assert root.start_time_ns <= retriever.start_time_ns <= retriever.end_time_ns <= root.end_time_ns
    assert mlflow.get_trace(trace.info.trace_id).to_dict() == trace.to_dict()


@step
def exceptions():
    @mlflow.trace
    def fails():
        raise ValueError("no such flight")

    try:
        fails()
    except ValueError:
        pass
    [trace] = search("status = 'ERROR'")
    [span] = trace.data.spans
    assert span.status.description == "ValueError: no such flight", span.status
    [event] = span.events
    assert event.attributes["exception.type"] == "ValueError"
    assert "no such flight" in event.attributes["exception.stacktrace"]


@step
def searching():
    assert len(search("tags.env = 'test'")) == 1
    assert len(search("name = 'agent' AND execution_time_ms >= 0")) == 1
    assert len(search("span.name = 'double' AND span.type = 'TOOL'")) == 1
    assert len(search("span.name = 'double' AND span.type = 'RETRIEVER'")) == 0
    assert len(search("span.attributes.whole = '1'")) == 1
    assert len(search("trace.text LIKE '%no such flight%'")) == 1
    assert len(search("metadata.`mlflow.trace.session` = 's-1'")) == 1
    assert [trace.info.state for trace in search(order_by=["timestamp ASC"])] == ["OK", "ERROR"]
    first = client.search_traces(max_results=1, **PLACE)
    second = client.search_traces(max_results=1, page_token=first.token, **PLACE)
    assert len({trace.info.trace_id for trace in [*first, *second]}) == 2 and not second.token
    raises("INVALID_PARAMETER_VALUE", lambda: search("colours.a = 'b'"))


@step
def tags_and_runs():
    [trace] = search("name = 'agent'")
    id = trace.info.trace_id
    mlflow.set_trace_tag(id, "seen", "yes")
    mlflow.set_trace_tag(id, "seen", "twice")
    assert mlflow.get_trace(id).info.tags["seen"] == "twice"
    mlflow.delete_trace_tag(id, "seen")
    assert "seen" not in mlflow.get_trace(id).info.tags
    raises("RESOURCE_DOES_NOT_EXIST", lambda: mlflow.delete_trace_tag(id, "seen"))
    with mlflow.start_run() as run:
        agent("in a run")
    assert len(search(f"run_id = '{run.info.run_id}'")) == 1
    client.link_traces_to_run(trace_ids=[id], run_id=run.info.run_id)
    assert len(search(f"run_id = '{run.info.run_id}'")) == 2


@step
def assessments():
    id = search("name = 'agent'")[0].info.trace_id
    source = AssessmentSource(source_type="HUMAN", source_id="ann")
    good = mlflow.log_feedback(trace_id=id, name="good", value=True, rationale="it is", source=source)
    wanted = mlflow.log_expectation(trace_id=id, name="wanted", value={"flights": [1, 2]}, source=source)
    failed = mlflow.log_feedback(trace_id=id, name="judged", error=ValueError("no judge"))
    by_name = {a.name: a for a in mlflow.get_trace(id).info.assessments}
    assert by_name["good"].value is True and by_name["good"].source.source_id == "ann"
    assert by_name["wanted"].value == {"flights": [1, 2]}
    assert by_name["judged"].error.error_message == "no judge"
    mlflow.update_assessment(id, good.assessment_id, Feedback(name="good", value=3, source=source))
    assert mlflow.get_assessment(id, good.assessment_id).value == 3
    other = mlflow.override_feedback(trace_id=id, assessment_id=good.assessment_id, value="no", source=source)
    assert mlflow.get_assessment(id, good.assessment_id).valid is False
    assert len(search("feedback.good = 'no'")) == 1 and len(search("feedback.good = '3'")) == 0
    mlflow.delete_assessment(id, other.assessment_id)
    assert mlflow.get_assessment(id, good.assessment_id).valid is True
    for assessment in [wanted, failed]:
        mlflow.delete_assessment(id, assessment.assessment_id)
    raises("RESOURCE_DOES_NOT_EXIST", lambda: mlflow.get_assessment(id, wanted.assessment_id))


@step
def export_at_exit():
    program = "import mlflow\nmlflow.set_experiment('leaving')\n@mlflow.trace\ndef last(): pass\nlast()\n"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    place = client.get_experiment_by_name("leaving").experiment_id
    [trace] = mlflow.search_traces(locations=[place], return_type="list")
    assert [span.name for span in trace.data.spans] == ["last"]


class Provider(BaseHTTPRequestHandler):
    """Answers as OpenAI does, on this machine."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"role": "assistant", "content": "Fog at ATL."}
        usage = {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15}
        answer = {"id": "c-1", "object": "chat.completion", "created": int(time.time()), "model": asked["model"]}
        answer |= {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@step
def openai_autolog():
    if "TRIMTAB_TEST_OPENAI" not in os.environ:
        print("passed over: there is no package openai")
        return
    # Behind what MLflow brings, so that both have one of what they share.
    sys.path.append(os.environ["TRIMTAB_TEST_OPENAI"])
    import openai

    provider = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    place = mlflow.set_experiment("asked").experiment_id
    mlflow.openai.autolog()
    asking = openai.OpenAI(base_url=f"http://127.0.0.1:{provider.server_port}/v1", api_key="none")
    asking.chat.completions.create(model="small-1", messages=[{"role": "user", "content": "Why is it late?"}])
    mlflow.openai.autolog(disable=True)
    mlflow.set_experiment("traced")
    mlflow.flush_trace_async_logging()
    [trace] = mlflow.search_traces(locations=[place], return_type="list")
    assert trace.info.token_usage == {"input_tokens": 11, "output_tokens": 4, "total_tokens": 15}, trace.info
    assert trace.info.request_preview == "Why is it late?" and trace.info.response_preview == "Fog at ATL."
    [span] = trace.data.spans
    assert span.span_type == "CHAT_MODEL" and span.inputs["model"] == "small-1"


@step
def evaluation_datasets():
    from mlflow.genai.datasets import create_dataset, delete_dataset, get_dataset, search_datasets

    dataset = create_dataset(name="questions", experiment_id=[experiment], tags={"team": "flights"})
    records = [
        {"inputs": {"q": "late?"}, "expectations": {"answer": "yes"}},
        {"inputs": {"q": "why?"}, "outputs": {"text": "fog"}, "tags": {"level": "easy"}},
    ]
    dataset.merge_records(records)
    dataset.merge_records([{"inputs": {"q": "late?"}, "expectations": {"tone": "kind"}}])
    found = get_dataset(dataset_id=dataset.dataset_id)
    frame = found.to_df()
    assert len(frame) == 2 and found.tags["team"] == "flights"
    assert frame["expectations"][0] == {"answer": "yes", "tone": "kind"}, frame
    assert [d.name for d in search_datasets(experiment_ids=[experiment], filter_string="name LIKE 'quest%'")] == ["questions"]
    delete_dataset(dataset_id=dataset.dataset_id)
    raises("RESOURCE_DOES_NOT_EXIST", lambda: get_dataset(dataset_id=dataset.dataset_id))


@step
def deleting():
    agent("to be deleted")
    traces = search("name = 'agent'")
    id = traces[0].info.trace_id
    assert client.delete_traces(experiment, trace_ids=[id]) == 1
    assert mlflow.get_trace(id, silent=True) is None
    assert client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000) + 1000, max_traces=1) == 1
    left = client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000) + 1000)
    assert left >= 1 and search() == []


run_all()
