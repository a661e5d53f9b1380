#include "cloudwatch/log_reader.h"

#include <array>

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/encoding.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::cloudwatch {
namespace {

const std::string kReadArn = "arn:aws:states:us-east-1:000000000000:execution:m:e";

std::string line(int id) {
  return R"({"id":")" + std::to_string(id) +
         R"(","type":"TaskStarted","details":{"resourceType":"lambda","resource":"invoke"},"previous_event_id":"0",)"
         R"("event_timestamp":"1719232345123","execution_arn":")" +
         kReadArn + R"(","redrive_count":"0"})";
}

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string json_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// The ids read, then the places and reasons of what was not.
std::string read(const std::string& bytes, const std::string& execution = "") {
  std::string out;
  LogReader reader([&](const LogEvent& event) { out += std::to_string(event.event.id) + " "; });
  reader.set_execution(execution);
  reader.read(bytes);
  for (const Reject& reject : reader.rejects()) out += "| " + reject.place + ": " + reject.reason;
  return out;
}

std::string subscription(const std::string& type = "DATA_MESSAGE") {
  return R"({"messageType":")" + type +
         R"(","owner":"000000000000","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[)"
         R"({"id":"3","timestamp":1719232345123,"message":)" +
         json_string(line(1)) + R"(},{"id":"4","timestamp":1719232345123,"message":)" +
         json_string(line(2)) + "}]}";
}

TEST(LogReader, Lines_AreReadOneByOne) {
  EXPECT_EQ(read(line(1) + "\n\n" + line(2) + "\r\n" + line(3)), "1 2 3 ");
  EXPECT_EQ(read(line(1)), "1 ");
  EXPECT_EQ(read(""), "");
}

TEST(LogReader, TimeStampsBeforeTheJson_AreSkipped) {
  EXPECT_EQ(read("2024-06-24T12:32:25.123Z " + line(1) + "\n2024-06-24T12:32:25.123Z " + line(2)),
            "1 2 ");
}

TEST(LogReader, BadLines_AreCountedWithPlaceAndReason) {
  EXPECT_EQ(
      read(line(1) + "\nhello\n" + line(2) + "\n" + line(3).substr(0, 40) + "\n" + line(4)),
      "1 2 4 | line 2: there is no JSON object in 'hello'| line 4: " + [] {
        LogReader reader([](const LogEvent&) {});
        reader.read("\n\n\nx" + line(3).substr(0, 40));
        return reader.rejects().at(0).reason;
      }());
}

TEST(LogReader, AnswersOfTheLogsApi_AreOpened) {
  EXPECT_EQ(read("{\n \"events\": [\n {\"timestamp\": 1, \"message\": " + json_string(line(1)) +
                 ", \"ingestionTime\": 2} ],\n \"nextForwardToken\": \"f/1\" }"),
            "1 ");
}

TEST(LogReader, Subscriptions_AreUnpacked) {
  EXPECT_EQ(read(subscription()), "1 2 ");
  EXPECT_EQ(read(R"({"awslogs":{"data":")" + base::to_base64(gzip(subscription())) + "\"}}"),
            "1 2 ");
  EXPECT_EQ(read(subscription("CONTROL_MESSAGE")), "");
}

TEST(LogReader, FirehoseDeliveries_AreUnpacked) {
  const std::string packed = gzip(subscription());
  EXPECT_EQ(read(packed + packed), "1 2 1 2 ");  // files in a bucket: records one after the other
  EXPECT_EQ(read(subscription() + subscription()), "1 2 1 2 ");
  EXPECT_EQ(read(base::to_base64(packed) + "\n" + base::to_base64(packed)), "1 2 1 2 ");
  EXPECT_EQ(read(R"({"requestId":"r","timestamp":1719232345123,"records":[{"data":")" +
                 base::to_base64(packed) + R"("},{"data":")" + base::to_base64(line(5)) + "\"}]}"),
            "1 2 5 ");
  EXPECT_EQ(read(R"({"Records":[{"kinesis":{"data":")" + base::to_base64(packed) + "\"}}]}"),
            "1 2 ");
}

TEST(LogReader, DamagedPackets_AreRejected) {
  const std::string packed = gzip(subscription());
  EXPECT_EQ(read(packed.substr(0, packed.size() / 2)), "| : the gzip data is damaged or cut short");
  EXPECT_EQ(read(R"({"awslogs":{"data":"!!!!"}})"), "| : the text is not Base64");
  EXPECT_EQ(read(R"({"records":[{"data":"?"},{"data":")" + base::to_base64(line(5)) + "\"}]}"),
            "5 | record 1: the text is not Base64");
}

TEST(LogReader, Histories_NeedTheirExecution) {
  const std::string history =
      R"({"events":[{"timestamp":"2024-06-24T14:32:25.123000+02:00","type":"ExecutionStarted","id":1,"previousEventId":0,)"
      R"("executionStartedEventDetails":{"input":"{}","roleArn":"r"}},)"
      R"({"timestamp":1719232345.5,"type":"ExecutionSucceeded","id":2,"previousEventId":1,"executionSucceededEventDetails":{"output":"1"}}]})";
  EXPECT_EQ(read(history, kReadArn), "1 2 ");
  EXPECT_EQ(read(history),
            "| event 1: a history does not say which execution it is of: name it with --execution "
            "ARN (over HTTP ?execution=ARN)| event 2: a history does not say which execution it is "
            "of: name it with --execution ARN (over HTTP ?execution=ARN)");
}

// Printed over lines, as aws-cli, jq and consoles do.
std::string printed(const std::string& text) {
  json::Arena arena;
  std::string out;
  json::write_pretty(*json::parse(text, arena), out);
  return out + "\n";
}

std::string query_row(const std::string& message) {
  return R"([{"field":"@timestamp","value":"2024-06-24 12:32:25.123"},{"field":"@message","value":)" +
         json_string(message) + R"(},{"field":"@ptr","value":"Cn4="}])";
}

std::string query_results(const std::string& status = "Complete") {
  return R"({"results":[)" + query_row(line(1)) + "," + query_row(line(2)) +
         R"(],"statistics":{"recordsMatched":2.0},"status":")" + status + R"("})";
}

std::string log_events() {
  return R"({"events":[{"logStreamName":"s","timestamp":1719232345123,"message":)" +
         json_string(line(1)) + R"(,"ingestionTime":2,"eventId":"3"},{"timestamp":4,"message":)" +
         json_string(line(2)) + R"(}],"searchedLogStreams":[]})";
}

TEST(LogReader, QueryResults_AreOpened) {
  EXPECT_EQ(read(query_results()), "1 2 ");
  EXPECT_EQ(read(query_results("Running")),
            "1 2 | : the query has the status Running: results are missing");
  EXPECT_EQ(read(R"({"results":[[{"field":"type","value":"TaskStarted"}]],"status":"Complete"})"),
            "| result 1: the result has no '@message': the query must name it (fields @timestamp, "
            "@message)");
  EXPECT_EQ(read(R"({"results":[[],7,[{"field":"@message"}]]})"),
            "| result 2: there is no JSON object in '7'| result 3: there is no JSON object in ''");
  EXPECT_EQ(read(R"([{"@timestamp":"t","@message":)" + json_string(line(1)) + R"(},{"@message":)" +
                 line(2) + "}]"),
            "1 2 ");
}

TEST(LogReader, PrintedJson_IsReadOverLines) {
  for (const std::string& json : {query_results(), log_events(), subscription()}) {
    EXPECT_EQ(read(printed(json)), "1 2 ") << printed(json);
    EXPECT_EQ(read(printed(json) + printed(json)), "1 2 1 2 ");
    EXPECT_EQ(read(line(5) + "\n" + printed(json) + line(6)), "5 1 2 6 ");
  }
  EXPECT_EQ(read(printed(line(1)) + printed(line(2))), "1 2 ");
  std::string crlf;
  for (const char c : printed(line(1)) + printed(line(2)))
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(read(crlf), "1 2 ");
  EXPECT_EQ(read("\xEF\xBB\xBF" + printed(log_events())), "1 2 ");
}

TEST(LogReader, PrintedJsonThatIsCut_TellsItsMessages) {
  const std::string whole = printed(log_events());
  const std::string cut = whole.substr(0, whole.find("\"searchedLogStreams\""));
  EXPECT_TRUE(read(cut).starts_with("1 2 | line 1: the JSON that begins here is damaged or cut: "))
      << read(cut);
  EXPECT_TRUE(read(cut + "\n" + line(3)).starts_with("1 2 3 | line 1: ")) << read(cut);
  const std::string results = printed(query_results());
  EXPECT_TRUE(read(results.substr(0, results.find("\"statistics\""))).starts_with("1 2 | line 1"));
}

TEST(LogReader, TailOfTheCommandLine_IsReadInAllItsFormats) {
  const std::string time = "2024-06-24T12:32:25";
  const std::string detailed = time + ".123000+00:00 states/m/2024-06-24-12-32/1a2b ";
  EXPECT_EQ(read(time + " " + line(1) + "\n" + time + " " + line(2) + "\n"), "1 2 ");
  EXPECT_EQ(read(detailed + line(1) + "\n" + detailed + line(2) + "\n"), "1 2 ");
  EXPECT_EQ(read(detailed + "\n" + printed(line(1)) + detailed + "\n" + printed(line(2))), "1 2 ");
  const std::string green = "\x1B[32m" + time + "\x1B[0m ";
  EXPECT_EQ(read(green + line(1) + "\n" + green + "\n" + printed(line(2))), "1 2 ");
}

TEST(LogReader, Csv_IsReadByItsMessageColumn) {
  const auto csv = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
  };
  EXPECT_EQ(read("timestamp,message\n1719232345123," + csv(line(1)) + "\r\n1719232345123," +
                 csv(line(2)) + "\r\n"),
            "1 2 ");
  const std::string query = "@timestamp,\"@message\",@logStream\n2024-06-24 12:32:25.123," +
                            csv(printed(line(1))) + ",s\n,,\n\nshort\nt," + csv(line(2)) + ",s\n";
  EXPECT_EQ(read(query),
            "1 2 | line 15: there is no JSON object in ''| line 17: the row has no column "
            "'@message'");
  EXPECT_EQ(read("message\n" + csv(line(1)) + "\nmessage\n" + csv(line(2))), "1 2 ");
  EXPECT_EQ(read("@timestamp,type,id\n1,TaskStarted,2\n"),
            "| line 1: the columns are @timestamp, type, id: log events are in '@message', which "
            "the query must name (fields @timestamp, @message)");
  EXPECT_EQ(read("timestamp,message\n1,\"" + line(1)).substr(0, 10), "| line 2: ");
}

TEST(LogReader, PartsOfAnswers_AreOpened) {
  EXPECT_EQ(read(R"({"logStreamName":"s","timestamp":1,"message":)" + json_string(line(1)) +
                 "}\n{\"message\":" + json_string(line(2)) + "}\n"),
            "1 2 ");
  EXPECT_EQ(read("[" + json_string(line(1)) + "," + json_string(line(2)) + "]"), "1 2 ");
  EXPECT_EQ(read("EVENTS\t37\t1719232345123\t" + line(1) + "\t1719232345123\n"), "1 ");
}

TEST(LogReader, WhatIsUnknown_IsNamed) {
  EXPECT_EQ(
      read(R"({"executionArn":"a","status":"FAILED","x1":1,"x2":1,"x3":1,"x4":1,"x5":1})"),
      "| : an object with 'executionArn', 'status', 'x1', 'x2', 'x3', 'x4', ... is no log event "
      "and carries none");
  EXPECT_EQ(read("{}"), "| : an object with no members is no log event and carries none");
  EXPECT_EQ(read("a line that goes on and on, until nobody cares \xC3\xA4"),
            "| line 1: there is no JSON object in 'a line that goes on and on, until nobody...'");
  EXPECT_EQ(read(std::string(39, 'x') + "\xC3\xA4 "),
            "| line 1: there is no JSON object in '" + std::string(39, 'x') + "...'");
  EXPECT_EQ(read(std::string("\xFF\xFE{\0", 4)),
            "| : it is UTF-16 text, as PowerShell's > writes it: save it as UTF-8");
  EXPECT_EQ(read("PK\x03\x04..."), "| : it is a ZIP archive: unpack it");
  EXPECT_EQ(read(std::string("ab\0\1", 4)), "| : it is neither text nor gzip");
}

// One pass each, and what is kept is bounded: these would take hours or all memory otherwise.
TEST(LogReader, HostileText_TakesOnePass) {
  constexpr size_t kTimes = 50'000;
  const auto times = [](std::string_view piece) {
    std::string out;
    for (size_t i = 0; i < kTimes; ++i) out += piece;
    return out;
  };
  for (const std::string& text :
       {times("{\n"), times("[\n "), "{\n" + times(" {\n"), times("{\"a\":"), times("[[\n"),
        times("{\"\\"), "message\n" + times("\"\"\"\n"), "@message\n" + times("\"a\n"),
        "{\n" + times(" \"message\": \"{\n"), times("1\n{\n"), times("}{"), times("}\n,\n")}) {
    LogReader reader([](const LogEvent&) {});
    reader.read(text);
    EXPECT_EQ(reader.events(), 0u);
    EXPECT_LE(reader.rejects().size(), 100u);
  }
  std::string message = line(1);
  for (int i = 0; i < 12; ++i) message = "{\"message\":" + json_string(message) + "}";
  EXPECT_EQ(read(message), "| : too many envelopes in one another");
}

// What was unpacked counts, also when it turns out to be too much or damaged, and nothing is
// unpacked after it.
TEST(LogReader, UnpackedBytes_AreBoundOverAllRecords) {
  constexpr uint64_t kMax = 1'000'000;
  const std::string large = base::to_base64(gzip(std::string(kMax + 1, ' ')));
  const std::string cut = gzip(std::string(600'000, ' '));
  const std::string damaged = base::to_base64(cut.substr(0, cut.size() - 8) + "12345678");
  const std::string good = base::to_base64(gzip(line(1)));
  const auto events_of = [&](const std::vector<std::string>& records, bool over_limit) {
    std::string body = R"({"requestId":"x","timestamp":1,"records":[)";
    for (size_t i = 0; i < records.size(); ++i)
      body += (i > 0 ? R"(,{"data":")" : R"({"data":")") + records[i] + "\"}";
    LogReader reader([](const LogEvent&) {});
    reader.set_unpacked_bytes_max(kMax);
    reader.read(body + "]}");
    EXPECT_EQ(reader.over_limit(), over_limit);
    return reader.events();
  };
  EXPECT_EQ(events_of({good, good}, false), 2u);
  EXPECT_EQ(events_of({good, large, good}, true), 1u);
  EXPECT_EQ(events_of({damaged, good}, false), 1u);
  EXPECT_EQ(events_of({damaged, damaged, good}, true), 0u);
}

TEST(LogReader, NestedEnvelopes_EndSomewhere) {
  std::string bytes = line(1);
  for (int i = 0; i < 20; ++i) bytes = R"({"awslogs":{"data":")" + base::to_base64(bytes) + "\"}}";
  EXPECT_EQ(read(bytes), "| : too many envelopes in one another");
}

}  // namespace
}  // namespace weft::cloudwatch
