#include "api/explanation.h"

#include "aws/answer.h"

namespace weft::api {
namespace {

using aws::Answer;
using json::Value;

int64_t whole(uint64_t number) { return static_cast<int64_t>(number); }

Value group_value(const reading::ExplainedGroup& group, json::Arena& arena) {
  json::ArrayBuilder shares(arena);
  for (const columns::Difference& one : group.shares) shares.push(difference_value(one, arena));
  json::ArrayBuilder spans(arena);
  for (const reading::SpanShare& span : group.spans) {
    spans.push(Answer(arena)
                   .text("name", span.name)
                   .number("selected", span.selected_us)
                   .number("others", span.others_us)
                   .finish());
  }
  return Answer(arena)
      .text("filter", group.filter)
      .number("count", whole(group.count))
      .value("attrs", shares.finish())
      .value("spans", spans.finish())
      .finish();
}

Value kind_value(const reading::ErrorKind& kind, json::Arena& arena) {
  json::ArrayBuilder causes(arena);
  for (const reading::ErrorCause& cause : kind.causes) {
    causes.push(Answer(arena)
                    .number("id", int64_t{cause.fingerprint})
                    .number("count", whole(cause.count))
                    .text("message", cause.message)
                    .text("exampleArn", cause.example_arn)
                    .finish());
  }
  return Answer(arena)
      .text("state", kind.state)
      .text("error", kind.error)
      .number("count", whole(kind.count))
      .value("causes", causes.finish())
      .finish();
}

}  // namespace

Value split_value(const columns::TimeSplit& split, json::Arena& arena) {
  return Answer(arena)
      .number("children", whole(split.children))
      .number("queue", split.queue)
      .number("cold", split.cold)
      .number("run", split.run)
      .number("retryWait", split.retry_wait)
      .number("other", split.other)
      .finish();
}

Value difference_value(const columns::Difference& one, json::Arena& arena) {
  return Answer(arena)
      .text("attr", one.attribute)
      .text("value", one.value)
      .text("filter", one.filter)
      .number("n", whole(one.selected))
      .number("others", whole(one.others))
      .real("selShare", one.selected_share)
      .real("baseShare", one.base_share)
      .real("lift", one.lift)
      .real("score", one.score)
      .finish();
}

Value explanation_value(const reading::Explanation& answer, json::Arena& arena) {
  Answer out(arena);
  out.text("mapRunArn", answer.run.arn)
      .text("stateName", answer.run.state_name)
      .number("children", whole(answer.children))
      .text("keyPath", answer.key_path)
      .value("time", split_value(answer.time, arena));
  if (answer.selection) {
    return out.value("selection", group_value(*answer.selection, arena)).finish();
  }
  if (answer.failed) {
    json::ArrayBuilder kinds(arena);
    for (const reading::ErrorKind& kind : answer.errors.kinds) kinds.push(kind_value(kind, arena));
    out.value("failed", group_value(*answer.failed, arena))
        .value("errors", kinds.finish())
        .number("otherErrors", whole(answer.errors.other));
  }
  if (answer.slow) {
    out.value("slow", group_value(*answer.slow, arena))
        .number("slowFrom", answer.slow_from_us)
        .value("slowTime", split_value(answer.slow_time, arena));
  }
  json::ArrayBuilder advice(arena);
  for (const std::string& sentence : answer.advice) advice.push(Value::string(sentence, arena));
  return out.value("advice", advice.finish()).finish();
}

}  // namespace weft::api
