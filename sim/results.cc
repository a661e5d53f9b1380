#include "results.h"

#include <set>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "maprun/configuration.h"
#include "world.h"

namespace weft::sim {
namespace {

using Violations = std::vector<std::string>;

class Collected : public maprun::ResultObject {
 public:
  Collected(WrittenObjects& into, std::string key) : into_(into), key_(std::move(key)) {}
  base::Result<void> append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  base::Result<void> finish() override {
    into_.in_order.emplace_back(key_, bytes_);
    return {};
  }

 private:
  WrittenObjects& into_;
  std::string key_;
  std::string bytes_;
};

// The records of one file.
std::vector<std::string> records_of(const std::string& key, const std::string& bytes) {
  std::vector<std::string> records;
  json::Arena arena;
  if (key.ends_with(".jsonl")) {
    for (size_t at = 0; at < bytes.size();) {
      const size_t end = bytes.find('\n', at);
      records.push_back(bytes.substr(at, end - at));
      at = end == std::string::npos ? end : end + 1;
    }
    return records;
  }
  const auto all = json::parse(bytes, arena);
  for (uint32_t i = 0; all && i < all->size(); ++i) records.push_back(json::to_text(all->item(i)));
  return records;
}

// One Map Run's files against what its record counts.
void check_run(const records::MapRunRecord& run, const Objects& objects,
               std::set<std::string>& known, Violations& out) {
  const auto complain = [&](std::string what) {
    out.push_back(fmt::format("results of Map Run {}: {}", run.number, what));
  };
  const auto manifest = objects.find(run.result_key);
  if (manifest == objects.end()) return complain("there is no manifest");
  known.insert(run.result_key);
  json::Arena arena;
  const auto parsed = json::parse(manifest->second, arena);
  if (!parsed || parsed->find("MapRunArn").as_string() != run.arn)
    return complain("the manifest is of another");
  std::set<std::string> arns;
  const auto count = [&](std::string_view kind) {
    uint64_t records = 0;
    const json::Value files = parsed->find("ResultFiles").find(kind);
    for (uint32_t i = 0; i < files.size(); ++i) {
      const std::string key(files.item(i).find("Key").as_string());
      if (!known.insert(key).second) complain(key + " is named twice");
      const auto object = objects.find(key);
      if (object == objects.end() ||
          std::cmp_not_equal(object->second.size(), files.item(i).find("Size").as_int())) {
        complain(key + " is not as the manifest says");
        continue;
      }
      for (const std::string& text : records_of(key, object->second)) {
        ++records;
        const auto record = json::parse(text, arena);
        if (!record) return complain("a record is no JSON"), records;
        const json::Value arn = record->find("ExecutionArn");
        if (arn.is_string() && !arns.insert(std::string(arn.as_string())).second)
          complain("a child has two outcomes");
      }
    }
    return records;
  };
  const history::MapRunCounts& counts = run.executions;
  const uint64_t succeeded = count("SUCCEEDED");
  const uint64_t failed = count("FAILED");
  const uint64_t pending = count("PENDING");
  if (succeeded != counts.succeeded || pending != counts.pending ||
      failed != counts.failed + counts.timed_out + counts.aborted) {
    complain(fmt::format("the files hold {} + {} + {} records, the counts say {} + {} + {}",
                         succeeded, failed, pending, counts.succeeded,
                         counts.total - counts.succeeded - counts.pending, counts.pending));
  }
}

// What a redrive found written stays: manifests, failures, what had not begun.
bool is_of_earlier(const std::string& key, const std::vector<records::MapRunRecord>& runs) {
  for (const records::MapRunRecord& run : runs) {
    const std::string folder = "p/" + run.arn.substr(run.arn.rfind(':') + 1) + "/";
    if (!key.starts_with(folder)) continue;
    const std::string latest =
        run.redrive_count == 0 ? folder : fmt::format("{}Redrive-{}/", folder, run.redrive_count);
    return run.redrive_count > 0 && !key.starts_with(latest);
  }
  return false;
}

}  // namespace

base::Result<std::unique_ptr<maprun::ResultObject>> WrittenObjects::create(const std::string& key) {
  return std::make_unique<Collected>(*this, key);
}

base::Result<void> WrittenObjects::remove(const std::string& key) {
  std::erase_if(in_order, [&](const auto& one) { return one.first == key; });
  return {};
}

base::Result<std::optional<uint64_t>> WrittenObjects::size_of(const std::string& key) {
  const auto found = there_.find(key);
  return found == there_.end() ? std::nullopt : std::optional<uint64_t>(found->second.size());
}

std::vector<std::string> check_result_files(const World& world) {
  Violations out;
  std::set<std::string> known;
  std::vector<records::MapRunRecord> runs;
  (void)world.store().scan(
      store::Family::kMapRun, "", "", false, [&](std::string_view, std::string_view value) {
        const auto run = *records::decode_map_run(value);
        const auto configuration = maprun::parse_configuration(base::Text(run.configuration));
        if (configuration && configuration->results.exported)
          check_run(run, world.objects(), known, out);
        runs.push_back(run);
        return true;
      });
  for (const auto& [key, bytes] : world.objects()) {
    if (!known.contains(key) && !is_of_earlier(key, runs))
      out.push_back("left over in the bucket of results: " + key);
  }
  return out;
}

}  // namespace weft::sim
