"""Traces, what people think of them, and evaluation datasets, with MLflow's own client and OpenAI's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mlflow
import openai
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, SpanStatusCode, SpanType
from mlflow.genai import datasets
from steps import run_all, step

client = MlflowClient()
experiment = mlflow.set_experiment("answers").experiment_id
known = {}


class Model(BaseHTTPRequestHandler):
    """A language model behind OpenAI's API, that says the question again."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        said = asked["messages"][-1]["content"]
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        common = {"id": "one", "created": 1, "model": asked["model"]}
        if asked.get("stream"):
            parts = [
                {"choices": [{"index": 0, "delta": {"role": "assistant", "content": word + " "}, "finish_reason": None}]}
                for word in said.split()
            ]
            parts.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
            parts.append({"choices": [], "usage": usage})
            lines = [json.dumps({**common, "object": "chat.completion.chunk", **part}) for part in parts]
            body = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"]).encode()
            kind = "text/event-stream"
        else:
            message = {"role": "assistant", "content": said}
            choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
            body = json.dumps({**common, "object": "chat.completion", "choices": choices, "usage": usage}).encode()
            kind = "application/json"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def traces(**condition):
    mlflow.flush_trace_async_logging()
    return mlflow.search_traces(locations=[experiment], return_type="list", **condition)


@step
def decorated_functions():
    @mlflow.trace(span_type=SpanType.RETRIEVER, attributes={"depth": 3})
    def look_up(question):
        return [f"about {question}"]

    @mlflow.trace
    def fail():
        raise ValueError("no such page")

    @mlflow.trace(name="answer", span_type=SpanType.AGENT)
    def answer(question):
        pages = look_up(question)
        try:
            fail()
        except ValueError:
            pass
        with mlflow.start_span("choose") as span:
            span.set_inputs({"pages": pages})
            span.set_outputs(pages[0])
        mlflow.update_current_trace(tags={"team": "help"}, metadata={"mlflow.trace.session": "s1"})
        return pages[0]

    assert answer("gulls") == "about gulls"
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(mlflow.get_last_active_trace_id())
    known["trace"] = trace.info.trace_id
    spans = {span.name: span for span in trace.data.spans}
    assert list(spans) == ["answer", "look_up", "fail", "choose"], list(spans)
    root = spans["answer"]
    assert root.parent_id is None and {spans[name].parent_id for name in ("look_up", "fail", "choose")} == {root.span_id}
    assert root.inputs == {"question": "gulls"} and root.outputs == "about gulls"
    assert spans["look_up"].span_type == SpanType.RETRIEVER and spans["look_up"].attributes["depth"] == 3
    assert spans["fail"].status.status_code == SpanStatusCode.ERROR
    assert any(event.name == "exception" for event in spans["fail"].events)
    assert trace.info.tags["team"] == "help" and str(trace.info.state) in ("OK", "TraceState.OK")


@step
def openai_autolog():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    mlflow.openai.autolog()
    model = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="none")
    asked = {"model": "parrot", "messages": [{"role": "user", "content": "who is there"}]}
    assert model.chat.completions.create(**asked).choices[0].message.content == "who is there"
    parts = model.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True})
    said = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert said == "who is there "
    mlflow.openai.autolog(disable=True)
    server.shutdown()
    found = traces(filter_string="trace.name LIKE 'Comp%'")
    assert len(found) == 2, [trace.info for trace in found]
    for trace in found:
        [span] = trace.data.spans
        assert span.span_type == SpanType.CHAT_MODEL and span.inputs["model"] == "parrot"
        usage = trace.info.token_usage
        assert usage == {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}, usage
    assert "who is there" in json.dumps(found[1].data.spans[0].outputs)


@step
def search_traces():
    names = lambda **condition: [trace.data.spans[0].name for trace in traces(**condition)]
    assert names(filter_string="tags.team = 'help'") == ["answer"]
    assert names(filter_string="metadata.`mlflow.trace.session` = 's1' AND trace.status = 'OK'") == ["answer"]
    assert names(filter_string="span.name = 'look_up'") == ["answer"]
    assert names(filter_string="trace.status = 'ERROR'") == []
    assert len(traces(max_results=2)) == 2
    ordered = traces(order_by=["timestamp_ms ASC"])
    assert ordered[0].info.trace_id == known["trace"] and len(ordered) == 3


@step
def feedback_and_expectations():
    person = AssessmentSource(source_type="HUMAN", source_id="ann")
    given = mlflow.log_feedback(trace_id=known["trace"], name="helpful", value=True, rationale="short", source=person)
    mlflow.log_expectation(trace_id=known["trace"], name="expected", value="about terns", source=person)
    mlflow.update_assessment(known["trace"], given.assessment_id, mlflow.entities.Feedback(name="helpful", value=False))
    found = {one.name: one for one in mlflow.get_trace(known["trace"]).info.assessments}
    assert set(found) == {"helpful", "expected"}
    assert found["helpful"].feedback.value is False and found["helpful"].source.source_id == "ann"
    assert found["expected"].expectation.value == "about terns"
    assert len(traces(filter_string="feedback.helpful = 'false'")) == 1


@step
def evaluation_datasets():
    made = datasets.create_dataset(name="questions", experiment_id=[experiment], tags={"team": "help"})
    made.merge_records([{"inputs": {"question": "gulls"}, "expectations": {"expected": "about gulls"}}])
    made.merge_records(traces(filter_string="tags.team = 'help'"))
    got = datasets.get_dataset(dataset_id=made.dataset_id)
    frame = got.to_df()
    assert len(frame) == 1 and frame.inputs[0] == {"question": "gulls"}, frame
    assert frame.expectations[0] == {"expected": "about terns"}, frame.expectations
    assert [one.name for one in datasets.search_datasets(experiment_ids=[experiment])] == ["questions"]


@step
def delete_traces():
    assert client.delete_traces(experiment_id=experiment, trace_ids=[known["trace"]]) == 1
    assert known["trace"] not in [trace.info.trace_id for trace in traces()]


run_all()
