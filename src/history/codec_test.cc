#include "history/codec.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "history.pb.h"

namespace weft::history {
namespace {

using base::Text;

Event event_of(EventType type, uint64_t id) {
  Event event;
  event.type = type;
  event.id = id;
  event.previous_id = id - 1;
  event.time_ms = 1'733'341'084'118 + static_cast<int64_t>(id);
  return event;
}

// Two states, one function call: every member is set somewhere.
TurnEvents sample_turn() {
  Text input(R"({"key": "a/1.png"})");
  TurnEvents turn;
  turn.events.push_back(event_of(EventType::kExecutionStarted, 1));
  turn.events.back().text = input;
  turn.events.back().resource = "arn:aws:iam::123456789012:role/r";
  turn.events.push_back(event_of(EventType::kTaskStateEntered, 2));
  turn.events.back().name = "Lambda Invoke";
  turn.events.back().state = 0;
  turn.events.back().text = input;
  Event scheduled = event_of(EventType::kTaskScheduled, 3);
  scheduled.resource = "invoke";
  scheduled.resource_type = "lambda";
  scheduled.timeout_seconds = 0;
  scheduled.heartbeat_seconds = 99'999'999;
  scheduled.text = Text(R"({"FunctionName":"f"})");
  scheduled.scope = 7;
  turn.events.push_back(scheduled);
  Event failed = event_of(EventType::kTaskFailed, 4);
  failed.error = "Error";
  failed.cause = "";
  failed.number = -1;
  failed.count = 3;
  failed.timing = InvocationTiming{1'733'341'084'200, 1'500, 90'000, 12'345, 4};
  turn.events.push_back(failed);
  Event exited = event_of(EventType::kTaskStateExited, 5);
  exited.text = Text("");
  exited.variables = {{"x", Text("1")}, {"y", input}, {"z", Text()}};
  turn.events.push_back(exited);
  return turn;
}

void expect_equal(const Event& a, const Event& b) {
  RC_ASSERT(a.type == b.type);
  RC_ASSERT(a.id == b.id && a.previous_id == b.previous_id && a.time_ms == b.time_ms);
  RC_ASSERT(a.scope == b.scope && a.state == b.state);
  RC_ASSERT(a.text.is_null() == b.text.is_null() && a.text == b.text);
  RC_ASSERT(a.name == b.name && a.resource == b.resource);
  RC_ASSERT(a.resource_type == b.resource_type);
  RC_ASSERT(a.error == b.error && a.cause == b.cause);
  RC_ASSERT(a.timeout_seconds == b.timeout_seconds);
  RC_ASSERT(a.heartbeat_seconds == b.heartbeat_seconds);
  RC_ASSERT(a.number == b.number && a.count == b.count && a.timing == b.timing);
  RC_ASSERT(a.variables == b.variables);
}

std::string ascii() { return *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')); }

Text any_text(const std::vector<Text>& pool) { return *rc::gen::elementOf(pool); }

TurnEvents any_turn() {
  std::vector<Text> pool = {Text(), Text(""), Text("{}"), Text(ascii()), Text(ascii())};
  TurnEvents turn;
  size_t count = *rc::gen::inRange<size_t>(0, 6);
  for (size_t i = 0; i < count; ++i) {
    Event& event = turn.events.emplace_back();
    event.type = static_cast<EventType>(*rc::gen::inRange<size_t>(0, kEventTypeCount));
    event.id = *rc::gen::arbitrary<uint64_t>();
    event.previous_id = *rc::gen::arbitrary<uint64_t>();
    event.time_ms = *rc::gen::arbitrary<int64_t>();
    event.scope = *rc::gen::arbitrary<uint32_t>();
    event.state = *rc::gen::arbitrary<uint32_t>();
    event.text = any_text(pool);
    event.name = ascii();
    event.resource = ascii();
    event.resource_type = ascii();
    if (*rc::gen::arbitrary<bool>()) event.error = ascii();
    if (*rc::gen::arbitrary<bool>()) event.cause = ascii();
    if (*rc::gen::arbitrary<bool>()) event.timeout_seconds = *rc::gen::arbitrary<int64_t>();
    if (*rc::gen::arbitrary<bool>()) event.heartbeat_seconds = *rc::gen::arbitrary<int64_t>();
    event.number = *rc::gen::arbitrary<int64_t>();
    event.count = *rc::gen::arbitrary<uint32_t>();
    size_t variables = *rc::gen::inRange<size_t>(0, 3);
    for (size_t v = 0; v < variables; ++v) event.variables.emplace_back(ascii(), any_text(pool));
    if (*rc::gen::arbitrary<bool>()) {
      event.timing = InvocationTiming{*rc::gen::arbitrary<int64_t>(), 1, 2, 3, 4};
    }
  }
  return turn;
}

TEST(Codec, AnyTurn_RoundTrips) {
  EXPECT_TRUE(rc::check([] {
    TurnEvents turn = any_turn();
    std::string bytes;
    encode_turn(turn, bytes);
    auto decoded = decode_turn(bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->events.size() == turn.events.size());
    for (size_t i = 0; i < turn.events.size(); ++i)
      expect_equal(turn.events[i], decoded->events[i]);
  }));
}

// The schema and the code say the same: protoc's reader finds no unknown field in our bytes and
// writes the same bytes back.
TEST(Codec, AnyTurn_IsWhatTheSchemaSays) {
  EXPECT_TRUE(rc::check([] {
    TurnEvents turn = any_turn();
    std::string bytes;
    encode_turn(turn, bytes);
    v1::Turn message;
    RC_ASSERT(message.ParseFromString(bytes));
    message.DiscardUnknownFields();
    RC_ASSERT(message.SerializeAsString() == bytes);
  }));
}

TEST(Codec, SampleTurn_SchemaNamesEachMember) {
  std::string bytes;
  encode_turn(sample_turn(), bytes);
  v1::Turn message;
  ASSERT_TRUE(message.ParseFromString(bytes));
  ASSERT_EQ(message.payload_size(), 4);
  EXPECT_EQ(message.payload(0), R"({"key": "a/1.png"})");
  ASSERT_EQ(message.event_size(), 5);
  EXPECT_EQ(message.event(0).resource(), "arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(message.event(0).state_plus_one(), 0u);
  EXPECT_EQ(message.event(1).state_plus_one(), 1u);
  EXPECT_EQ(message.event(1).text(), 0u);
  EXPECT_EQ(message.event(1).name(), "Lambda Invoke");
  EXPECT_EQ(message.event(2).resource_type(), "lambda");
  EXPECT_TRUE(message.event(2).has_timeout_seconds());
  EXPECT_EQ(message.event(2).heartbeat_seconds(), 99'999'999);
  EXPECT_EQ(message.event(2).scope(), 7u);
  EXPECT_EQ(message.event(3).error(), "Error");
  EXPECT_TRUE(message.event(3).has_cause());
  EXPECT_EQ(message.event(3).number(), -1);
  EXPECT_EQ(message.event(3).count(), 3u);
  EXPECT_EQ(message.event(3).timing().queued_us(), 1'500);
  EXPECT_EQ(message.event(3).timing().init_us(), 90'000);
  EXPECT_EQ(message.event(3).timing().run_us(), 12'345);
  EXPECT_EQ(message.event(3).timing().sandbox(), 4u);
  EXPECT_EQ(message.event(4).previous_id(), 4u);
  EXPECT_EQ(message.event(4).variable(1).name(), "y");
  EXPECT_EQ(message.event(4).variable(1).value(), 0u);
  EXPECT_FALSE(message.event(4).variable(2).has_value());
}

TEST(Codec, EventTypes_HaveTheSchemasNamesAndNumbers) {
  const auto* type = v1::EventType_descriptor();
  ASSERT_EQ(static_cast<size_t>(type->value_count()), kEventTypeCount);
  for (size_t i = 0; i < kEventTypeCount; ++i) {
    EXPECT_EQ(type->value(static_cast<int>(i))->number(), static_cast<int>(i));
    EXPECT_EQ(type->value(static_cast<int>(i))->name(), to_string(static_cast<EventType>(i)));
  }
}

TEST(Codec, EqualTexts_AreStoredOnceAndSharedAfterDecoding) {
  TurnEvents turn;
  std::string payload(1'000, 'p');
  for (uint64_t id = 1; id <= 4; ++id) {
    turn.events.push_back(event_of(EventType::kPassStateEntered, id));
    turn.events.back().text = Text(payload);  // equal texts in four buffers
  }
  std::string bytes;
  encode_turn(turn, bytes);
  EXPECT_LT(bytes.size(), 1'100u);
  auto decoded = decode_turn(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->events[0].text.same_buffer(decoded->events[3].text));
}

TEST(Codec, TruncatedBytes_AreAnErrorOrAShorterTurn) {
  std::string bytes;
  encode_turn(sample_turn(), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    auto decoded = decode_turn(std::string_view(bytes).substr(0, size));
    if (decoded) EXPECT_LT(decoded->events.size(), 5u);
  }
}

TEST(Codec, GarbageBytes_NeverCrash) {
  std::string sample;
  encode_turn(sample_turn(), sample);
  EXPECT_TRUE(rc::check([&sample] {
    (void)decode_turn(*rc::gen::arbitrary<std::string>());
    std::string bytes = sample;
    bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    (void)decode_turn(bytes);
  }));
}

TEST(Codec, UnknownEventType_IsAnErrorThatNamesIt) {
  std::string bytes = {0x12, 0x03, 0x08, static_cast<char>(0xC8), 0x01};
  auto decoded = decode_turn(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message, "stored event has type 200, which this version does not know");
}

TEST(Codec, UnknownFields_AreSkipped) {
  std::string bytes;
  encode_turn(sample_turn(), bytes);
  bytes += std::string(
      "\xA2\x06\x03"
      "abc",
      6);  // field 100, three bytes
  auto decoded = decode_turn(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->events.size(), 5u);
}

// Bytes written once and kept: a change that cannot read them breaks stored executions.
TEST(Codec, GoldenBytes_StayReadableAndStable) {
  std::ifstream file(WEFT_SOURCE_DIR "/tests/history/turn_v1.bin", std::ios::binary);
  std::string golden((std::istreambuf_iterator<char>(file)), {});
  std::string bytes;
  encode_turn(sample_turn(), bytes);
  EXPECT_EQ(bytes, golden);
  auto decoded = decode_turn(golden);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->events[1].name, "Lambda Invoke");
}

}  // namespace
}  // namespace weft::history
