#include "cloudwatch/log_reader.h"

#include <array>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <zlib.h>

namespace weft::cloudwatch {
namespace {

const std::string kArn = "arn:aws:states:us-east-1:000000000000:execution:m:e";

std::string line(int id) {
  return R"({"id":")" + std::to_string(id) +
         R"(","type":"TaskStarted","details":{"resourceType":"lambda","resource":"invoke"},"previous_event_id":"0",)"
         R"("event_timestamp":"1719232345123","execution_arn":")" +
         kArn + R"(","redrive_count":"0"})";
}

std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()),
      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()))));
  return out;
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

std::string quoted(const std::string& text) {
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
         quoted(line(1)) + R"(},{"id":"4","timestamp":1719232345123,"message":)" + quoted(line(2)) +
         "}]}";
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
      "1 2 4 | line 2: there is no JSON object| line 4: " + [] {
        LogReader reader([](const LogEvent&) {});
        reader.read("\n\n\nx" + line(3).substr(0, 40));
        return reader.rejects().at(0).reason;
      }());
}

TEST(LogReader, AnswersOfTheLogsApi_AreOpened) {
  EXPECT_EQ(read("{\n \"events\": [\n {\"timestamp\": 1, \"message\": " + quoted(line(1)) +
                 ", \"ingestionTime\": 2} ],\n \"nextForwardToken\": \"f/1\" }"),
            "1 ");
}

TEST(LogReader, Subscriptions_AreUnpacked) {
  EXPECT_EQ(read(subscription()), "1 2 ");
  EXPECT_EQ(read(R"({"awslogs":{"data":")" + base64(gzip(subscription())) + "\"}}"), "1 2 ");
  EXPECT_EQ(read(subscription("CONTROL_MESSAGE")), "");
}

TEST(LogReader, FirehoseDeliveries_AreUnpacked) {
  const std::string packed = gzip(subscription());
  EXPECT_EQ(read(packed + packed), "1 2 1 2 ");  // files in a bucket: records one after the other
  EXPECT_EQ(read(subscription() + subscription()), "1 2 1 2 ");
  EXPECT_EQ(read(base64(packed) + "\n" + base64(packed)), "1 2 1 2 ");
  EXPECT_EQ(read(R"({"requestId":"r","timestamp":1719232345123,"records":[{"data":")" +
                 base64(packed) + R"("},{"data":")" + base64(line(5)) + "\"}]}"),
            "1 2 5 ");
  EXPECT_EQ(read(R"({"Records":[{"kinesis":{"data":")" + base64(packed) + "\"}}]}"), "1 2 ");
}

TEST(LogReader, DamagedPackets_AreRejected) {
  const std::string packed = gzip(subscription());
  EXPECT_EQ(read(packed.substr(0, packed.size() / 2)), "| : the gzip data is damaged or cut short");
  EXPECT_EQ(read(R"({"awslogs":{"data":"!!!!"}})"), "| : the text is not Base64");
  EXPECT_EQ(read(R"({"records":[{"data":"?"},{"data":")" + base64(line(5)) + "\"}]}"),
            "5 | record 1: the text is not Base64");
}

TEST(LogReader, Histories_NeedTheirExecution) {
  const std::string history =
      R"({"events":[{"timestamp":"2024-06-24T14:32:25.123000+02:00","type":"ExecutionStarted","id":1,"previousEventId":0,)"
      R"("executionStartedEventDetails":{"input":"{}","roleArn":"r"}},)"
      R"({"timestamp":1719232345.5,"type":"ExecutionSucceeded","id":2,"previousEventId":1,"executionSucceededEventDetails":{"output":"1"}}]})";
  EXPECT_EQ(read(history, kArn), "1 2 ");
  EXPECT_EQ(read(history),
            "| event 1: a history does not say which execution it is of: name it"
            "| event 2: a history does not say which execution it is of: name it");
}

TEST(LogReader, NestedEnvelopes_EndSomewhere) {
  std::string bytes = line(1);
  for (int i = 0; i < 20; ++i) bytes = R"({"awslogs":{"data":")" + base64(bytes) + "\"}}";
  EXPECT_EQ(read(bytes), "| : too many envelopes in one another");
}

}  // namespace
}  // namespace weft::cloudwatch
