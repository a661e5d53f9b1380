#include "history/codec.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>

#include "history/wire.h"

// Field numbers: history.proto.

namespace weft::history {
namespace {

using base::ErrorCode;
using base::fail;
using base::Text;

// Gives each distinct text of a turn a position and writes it when it is first met. Several hundred
// distinct texts are possible in one turn, so texts are compared only when their cheap fingerprints
// agree.
class PayloadTable {
 public:
  explicit PayloadTable(std::string& out) : out_(out) {}

  uint32_t intern(const Text& text) {
    uint64_t fingerprint = fingerprint_of(text.view());
    for (auto at = fingerprints_.begin();; ++at) {
      at = std::find(at, fingerprints_.end(), fingerprint);
      if (at == fingerprints_.end()) break;
      auto index = static_cast<size_t>(at - fingerprints_.begin());
      if (texts_[index]->same_buffer(text) || *texts_[index] == text) {
        return static_cast<uint32_t>(index);
      }
    }
    fingerprints_.push_back(fingerprint);
    texts_.push_back(&text);
    put_bytes_present(out_, 1, text.view());
    return static_cast<uint32_t>(texts_.size() - 1);
  }

 private:
  // Length and three samples of eight bytes: hashing all of a 256 KiB payload would cost more than
  // copying it.
  static uint64_t fingerprint_of(std::string_view text) {
    uint64_t hash = text.size() * 0x9E3779B97F4A7C15u;
    if (text.empty()) return hash;
    for (size_t offset :
         {size_t{0}, text.size() / 2, text.size() - std::min<size_t>(8, text.size())}) {
      uint64_t sample = 0;
      std::memcpy(&sample, text.data() + offset, std::min<size_t>(8, text.size() - offset));
      hash = (hash ^ sample) * 0xFF51AFD7ED558CCDu;
      hash ^= hash >> 32;
    }
    return hash;
  }

  std::string& out_;
  std::vector<uint64_t> fingerprints_;
  std::vector<const Text*> texts_;
};

void encode_timing(const InvocationTiming& timing, std::string& out) {
  put_int(out, 1, timing.started_ms);
  put_int(out, 2, timing.queued_us);
  put_int(out, 3, timing.init_us);
  put_int(out, 4, timing.run_us);
  put_uint(out, 5, timing.sandbox);
}

// `position` points at the payload positions of this event's texts, in the order `encode_turn`
// interned them.
void encode_event(const Event& event, const uint32_t*& position, std::string& out) {
  put_uint(out, 1, static_cast<uint64_t>(event.type));
  put_uint(out, 2, event.id);
  put_uint(out, 3, event.previous_id);
  put_int(out, 4, event.time_ms);
  put_uint(out, 5, event.scope);
  put_uint(out, 6, static_cast<uint32_t>(event.state + 1));
  if (!event.text.is_null()) put_uint_present(out, 7, *position++);
  put_bytes(out, 8, event.name);
  put_bytes(out, 9, event.resource);
  put_bytes(out, 10, event.resource_type);
  if (event.error) put_bytes_present(out, 11, *event.error);
  if (event.cause) put_bytes_present(out, 12, *event.cause);
  if (event.timeout_seconds) {
    put_uint_present(out, 13, static_cast<uint64_t>(*event.timeout_seconds));
  }
  if (event.heartbeat_seconds) {
    put_uint_present(out, 14, static_cast<uint64_t>(*event.heartbeat_seconds));
  }
  put_int(out, 15, event.number);
  put_uint(out, 16, event.count);
  for (const auto& [name, value] : event.variables) {
    std::string variable;
    put_bytes(variable, 1, name);
    if (!value.is_null()) put_uint_present(variable, 2, *position++);
    put_bytes_present(out, 17, variable);
  }
  if (event.timing) {
    std::string timing;
    encode_timing(*event.timing, timing);
    put_bytes_present(out, 18, timing);
  }
}

base::Result<Text> payload_at(const std::vector<Text>& payloads, uint64_t position) {
  if (position >= payloads.size()) {
    return fail(ErrorCode::kStorage,
                fmt::format("stored turn is damaged: an event names payload {} of {}", position,
                            payloads.size()));
  }
  return payloads[position];
}

std::unexpected<base::Error> damaged(std::string_view message) {
  return fail(ErrorCode::kStorage, fmt::format("stored turn is damaged: malformed {}", message));
}

base::Result<std::pair<std::string, Text>> decode_variable(std::string_view bytes,
                                                           const std::vector<Text>& payloads) {
  std::pair<std::string, Text> variable;
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.field() == 1) variable.first = reader.text();
    if (reader.field() == 2) {
      auto value = payload_at(payloads, reader.uint());
      if (!value) return std::unexpected(value.error());
      variable.second = *value;
    }
  }
  if (reader.damaged()) return damaged("variable");
  return variable;
}

base::Result<InvocationTiming> decode_timing(std::string_view bytes) {
  InvocationTiming timing;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        timing.started_ms = reader.int64();
        break;
      case 2:
        timing.queued_us = reader.int64();
        break;
      case 3:
        timing.init_us = reader.int64();
        break;
      case 4:
        timing.run_us = reader.int64();
        break;
      case 5:
        timing.sandbox = reader.uint32();
        break;
      default:
        break;
    }
  }
  if (reader.damaged()) return damaged("timing");
  return timing;
}

// The members that are one number or one text.
bool decode_plain_field(WireReader& reader, Event& event) {
  // clang-format off
  switch (reader.field()) {
    case 2: event.id = reader.uint(); return true;
    case 3: event.previous_id = reader.uint(); return true;
    case 4: event.time_ms = reader.int64(); return true;
    case 5: event.scope = reader.uint32(); return true;
    case 6: event.state = reader.uint32() - 1; return true;
    case 8: event.name = reader.text(); return true;
    case 9: event.resource = reader.text(); return true;
    case 10: event.resource_type = reader.text(); return true;
    case 11: event.error = reader.text(); return true;
    case 12: event.cause = reader.text(); return true;
    case 13: event.timeout_seconds = reader.int64(); return true;
    case 14: event.heartbeat_seconds = reader.int64(); return true;
    case 15: event.number = reader.int64(); return true;
    case 16: event.count = reader.uint32(); return true;
    default: return false;
  }
  // clang-format on
}

base::Result<void> decode_field(WireReader& reader, const std::vector<Text>& payloads,
                                Event& event) {
  if (decode_plain_field(reader, event)) return {};
  switch (reader.field()) {
    case 1: {
      uint64_t type = reader.uint();
      if (type >= kEventTypeCount) {
        return fail(
            ErrorCode::kStorage,
            fmt::format("stored event has type {}, which this version does not know", type));
      }
      event.type = static_cast<EventType>(type);
      break;
    }
    case 7: {
      auto text = payload_at(payloads, reader.uint());
      if (!text) return std::unexpected(text.error());
      event.text = *text;
      break;
    }
    case 17: {
      auto variable = decode_variable(reader.bytes(), payloads);
      if (!variable) return std::unexpected(variable.error());
      event.variables.push_back(std::move(*variable));
      break;
    }
    case 18: {
      auto timing = decode_timing(reader.bytes());
      if (!timing) return std::unexpected(timing.error());
      event.timing = *timing;
      break;
    }
    default:
      break;
  }
  return {};
}

}  // namespace

void encode_turn(const TurnEvents& turn, std::string& out) {
  PayloadTable payloads(out);
  std::vector<uint32_t> positions;
  positions.reserve(turn.events.size());
  for (const Event& event : turn.events) {
    if (!event.text.is_null()) positions.push_back(payloads.intern(event.text));
    for (const auto& [name, value] : event.variables) {
      if (!value.is_null()) positions.push_back(payloads.intern(value));
    }
  }
  const uint32_t* position = positions.data();
  std::string body;
  for (const Event& event : turn.events) {
    body.clear();
    encode_event(event, position, body);
    put_bytes_present(out, 2, body);
  }
}

base::Result<TurnEvents> decode_turn(std::string_view bytes) {
  std::vector<Text> payloads;
  size_t event_count = 0;
  WireReader first_pass(bytes);
  while (first_pass.next()) {
    if (first_pass.field() == 1) payloads.emplace_back(first_pass.bytes());
    if (first_pass.field() == 2) ++event_count;
  }
  if (first_pass.damaged()) return damaged("field");

  TurnEvents turn;
  turn.events.reserve(event_count);
  WireReader reader(bytes);
  while (reader.next()) {
    if (reader.field() != 2) continue;
    Event& event = turn.events.emplace_back();
    WireReader fields(reader.bytes());
    while (fields.next()) {
      if (auto done = decode_field(fields, payloads, event); !done) {
        return std::unexpected(done.error());
      }
    }
    if (fields.damaged()) return damaged("event");
  }
  if (reader.damaged()) return damaged("event");
  return turn;
}

}  // namespace weft::history
