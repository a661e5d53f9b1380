#include "telemetry/otlp_streams.h"

#include <algorithm>
#include <functional>
#include <string>

#include "sync/mutex.h"

namespace weft::telemetry {
namespace {

using Kind = OtlpPoint::Kind;

constexpr uint64_t kSweepNs = 10'000'000'000;

size_t hash_of(const OtlpPoint& point, std::string_view sender) {
  std::string text(sender);
  const auto add = [&text](std::string_view part) {
    text += '\0';
    text += part;
  };
  add(std::to_string(point.resource));
  add(point.name);
  add(std::to_string(static_cast<int>(point.kind)));
  auto attributes = point.attributes;
  std::ranges::sort(attributes);
  for (const auto& [key, value] : attributes) {
    add(key);
    add(value);
  }
  return std::hash<std::string>()(text);
}

// Fewer, wider buckets.
void widen(OtlpPoint& point, int32_t scale) {
  std::map<int64_t, uint64_t> wide;
  for (const auto& [bucket, count] : point.buckets) wide[bucket >> (point.scale - scale)] += count;
  point.buckets = std::move(wide);
  point.scale = scale;
}

// `point` as what was added since `last`; false: it began anew in between.
bool subtract(const OtlpPoint& last, OtlpPoint& point) {
  OtlpPoint added = point;
  added.value -= last.value;
  added.count -= last.count;
  added.zeros -= last.zeros;
  if (added.sum && last.sum) *added.sum -= *last.sum;
  const bool fell = point.value < last.value || point.count < last.count ||
                    point.zeros < last.zeros || point.bounds != last.bounds;
  if (point.start_ns != last.start_ns || fell) return false;
  for (const auto& [bucket, count] : last.buckets) {
    const auto found = added.buckets.find(bucket);
    if (found == added.buckets.end() || found->second < count) return false;
    found->second -= count;
    if (found->second == 0) added.buckets.erase(found);
  }
  point = std::move(added);
  return true;
}

}  // namespace

bool OtlpStreams::make_room(uint64_t now_ns) {
  if (streams_.size() < kStreamsMax) return true;
  if (now_ns - swept_ns_ < kSweepNs) return false;
  swept_ns_ = now_ns;
  std::erase_if(streams_, [this, now_ns](const auto& one) {
    mutex_.assert_held();  // runs within this call
    const bool silent = one.second.used_ns + kSilenceNs < now_ns;
    if (silent) bucket_bytes_ -= one.second.last.bucket_bytes();
    return silent;
  });
  return streams_.size() < kStreamsMax;
}

bool OtlpStreams::make_delta(OtlpPoint& point, std::string_view sender, uint64_t now_ns) {
  const bool sums_up = point.kind == Kind::kHistogram ||
                       point.kind == Kind::kExponentialHistogram ||
                       (point.kind == Kind::kSum && point.monotonic);
  if (!point.valid || !point.cumulative || !sums_up) return true;
  const size_t hash = hash_of(point, sender);
  const sync::MutexLock lock(mutex_);
  auto found = streams_.find(hash);
  const bool fresh = found == streams_.end();
  if (fresh) {
    if (!make_room(now_ns)) return false;
    found = streams_.try_emplace(hash).first;
  }
  Stream& stream = found->second;
  const size_t others_bytes = bucket_bytes_ - stream.last.bucket_bytes();
  if (others_bytes + point.bucket_bytes() > kBucketBytesMax) {
    if (fresh) streams_.erase(found);
    return false;
  }
  stream.used_ns = now_ns;
  OtlpPoint now = point;
  now.name.clear();
  now.attributes.clear();
  point.delta = true;
  point.cumulative = false;
  if (fresh) {
    // What a function counted since it started is new, also what it counted before its first push.
    const bool whole = !sender.empty() || point.start_ns >= since_ns_;
    if (!whole) subtract(now, point);
  } else {
    const int32_t scale = std::min(stream.last.scale, point.scale);
    if (stream.last.scale != scale) widen(stream.last, scale);
    if (point.scale != scale) widen(point, scale);
    // The smallest and largest are those of the whole time.
    if (subtract(stream.last, point)) point.min = point.max = std::nullopt;
  }
  stream.last = std::move(now);
  bucket_bytes_ = others_bytes + stream.last.bucket_bytes();
  return true;
}

}  // namespace weft::telemetry
