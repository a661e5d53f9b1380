#include "api/query/shared_answers.h"

#include "api/query/query_fixture.h"

namespace weft::api {
namespace {

using std::chrono::milliseconds;

class SharedAnswersTest : public QueryApiTest {
 protected:
  net::Response ask(std::string_view what, std::string_view known = "", std::string_view arn = "") {
    net::Request request;
    request.method = "GET";
    request.path = std::string(kQueryPrefix) + std::string(what);
    request.query = "arn=" + std::string(arn.empty() ? run_.arn : arn);
    if (!known.empty()) request.headers.set("If-None-Match", std::string(known));
    return shared_.answer(request);
  }

  int found_ = 0;
  milliseconds takes_{1};
  std::chrono::steady_clock::time_point now_;
  SharedAnswers shared_{*query_,
                        [this](const net::Request& request) {
                          ++found_;
                          now_ += takes_;
                          EXPECT_FALSE(request.headers.find("If-None-Match"));
                          net::Response response;
                          response.headers.set("ETag", "\"" + std::to_string(found_) + "\"");
                          response.body = request.path + " " + std::to_string(found_);
                          return response;
                        },
                        [this] { return now_; }};
};

TEST_F(SharedAnswersTest, Answer_IsSharedForAMoment) {
  const net::Response first = ask("maprun/summary");
  EXPECT_EQ(first.headers.get(SharedAnswers::kKeptHeader), "0");
  now_ += SharedAnswers::kMomentMin - milliseconds(1);
  const net::Response again = ask("maprun/summary");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.get(SharedAnswers::kKeptHeader), "1");
  EXPECT_EQ(ask("maprun/errors").body, "/_weft/v1/maprun/errors 2");
  now_ += milliseconds(1);
  EXPECT_EQ(ask("maprun/summary").body, "/_weft/v1/maprun/summary 3");
}

TEST_F(SharedAnswersTest, Answer_ThatTookLongIsSharedForLonger) {
  takes_ = milliseconds(100);
  ask("maprun/differs");
  now_ += SharedAnswers::kRestTimes * takes_ - milliseconds(1);
  ask("maprun/differs");
  EXPECT_EQ(found_, 1);
  now_ += milliseconds(1);
  takes_ = milliseconds(60'000);
  ask("maprun/differs");
  now_ += SharedAnswers::kMomentMax;
  ask("maprun/differs");
  EXPECT_EQ(found_, 3);
}

TEST_F(SharedAnswersTest, Answer_ThatTheClientHasIsNotSentAgain) {
  const std::string tag(ask("maprun/summary").headers.get("ETag"));
  const net::Response same = ask("maprun/summary", tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers.get("ETag"), tag);
  EXPECT_EQ(same.headers.get(SharedAnswers::kKeptHeader), "1");
  EXPECT_EQ(ask("maprun/summary", "\"other\"").status, 200);
  EXPECT_EQ(found_, 1);
}

TEST_F(SharedAnswersTest, Answer_IsFoundAnewWhenTheRecordChanges) {
  ask("maprun/summary");
  run_.max_concurrency = 7;
  put_run(records::MapRunStatus::kRunning);
  ask("maprun/summary");
  EXPECT_EQ(found_, 2);
  // Of a run that is over answers are kept by who asked for them, not here.
  put_run(records::MapRunStatus::kSucceeded);
  ask("maprun/summary");
  const net::Response over = ask("maprun/summary");
  EXPECT_EQ(found_, 4);
  EXPECT_FALSE(over.headers.find(SharedAnswers::kKeptHeader));
}

TEST_F(SharedAnswersTest, Answer_AboutAnExecutionIsSharedUntilItGoesOn) {
  const history::ExecutionKey key{0, 1};
  records::ExecutionRecord record{.key = key, .name = "e", .arn = run_.execution_arn};
  put(store::Family::kExecution, records::execution_key(key), encode(record));
  put(store::Family::kName, records::name_key("m", "e"), records::execution_key(key));
  const auto graph = [&] { return ask("exec/graph", "", record.arn); };
  graph();
  EXPECT_EQ(graph().headers.get(SharedAnswers::kKeptHeader), "1");
  EXPECT_EQ(found_, 1);
  put(store::Family::kTurn, records::turn_key(key, 0), "");
  EXPECT_EQ(graph().headers.get(SharedAnswers::kKeptHeader), "0");
  // Its events are told as they are, and who has ended is not asked about for ever.
  EXPECT_FALSE(ask("exec/events", "", record.arn).headers.find(SharedAnswers::kKeptHeader));
  record.status = history::ExecutionStatus::kSucceeded;
  put(store::Family::kExecution, records::execution_key(key), encode(record));
  EXPECT_FALSE(graph().headers.find(SharedAnswers::kKeptHeader));
}

TEST_F(SharedAnswersTest, Answer_ToTheQuestionsOfManyTakesBoundedMemory) {
  ask("maprun/summary");
  for (size_t i = 0; i < SharedAnswers::kEntriesMax; ++i) ask("maprun/" + std::to_string(i));
  ask("maprun/summary");
  EXPECT_EQ(found_, static_cast<int>(SharedAnswers::kEntriesMax) + 2);
}

}  // namespace
}  // namespace weft::api
