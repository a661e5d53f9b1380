#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "sync/mutex.h"
#include "telemetry/otlp_point.h"

namespace weft::telemetry {

// Turns points that tell what there was since a start into what was added since the point before,
// stream by stream: one metric with one set of attributes of one sender. Thread-safe.
class OtlpStreams {
 public:
  // Streams that are remembered; those silent for kSilenceNs make room for others.
  static constexpr size_t kStreamsMax = 10'000;
  static constexpr uint64_t kSilenceNs = 900'000'000'000;
  // Of their buckets: a point that would need more is not taken.
  static constexpr size_t kBucketBytesMax = 32u << 20;

  // Streams of unknown senders that began before `since_ns` (Unix epoch) are counted from their
  // second point on.
  explicit OtlpStreams(uint64_t since_ns) : since_ns_(since_ns) {}

  // Makes a cumulative monotonic sum or histogram a delta, any other point stays. `sender`: the
  // process that sent it, "" when it is not known. False: no room for another stream, or
  // for more buckets.
  bool make_delta(OtlpPoint& point, std::string_view sender, uint64_t now_ns);

 private:
  struct Stream {
    OtlpPoint last;  // without texts
    uint64_t used_ns = 0;
  };
  bool make_room(uint64_t now_ns) WEFT_REQUIRES(mutex_);

  const uint64_t since_ns_;
  sync::Mutex mutex_;
  std::unordered_map<size_t, Stream> streams_ WEFT_GUARDED_BY(mutex_);  // by hash
  size_t bucket_bytes_ WEFT_GUARDED_BY(mutex_) = 0;                     // of all `last`
  uint64_t swept_ns_ WEFT_GUARDED_BY(mutex_) = 0;
};

}  // namespace weft::telemetry
