#include "maprun/result_files.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/object_text.h"

namespace weft::maprun {

using history::ResultFile;

std::string joined_key(std::string_view prefix, std::string_view rest) {
  std::string key(prefix);
  if (!key.empty() && key.back() != '/') key += '/';
  key += rest;
  return key;
}

ResultFiles::ResultFiles(ResultBucket& bucket, std::string folder, bool lines,
                         uint64_t file_bytes_max)
    : bucket_(bucket), folder_(std::move(folder)), lines_(lines), file_bytes_max_(file_bytes_max) {}

base::Result<void> ResultFiles::begin(Open& open, ResultFile::Kind kind) {
  open.file = {.kind = kind,
               .key = joined_key(folder_, fmt::format("{}_{}.{}", to_string(kind), open.number++,
                                                      lines_ ? "jsonl" : "json"))};
  auto object = bucket_.create(open.file.key);
  if (!object) return std::unexpected(object.error());
  open.object = std::move(*object);
  return {};
}

base::Result<void> ResultFiles::flush(Open& open) {
  open.file.bytes += open.buffer.size();
  auto appended = open.object->append(open.buffer);
  open.buffer.clear();
  return appended;
}

base::Result<void> ResultFiles::end(Open& open) {
  if (!lines_) open.buffer += ']';
  if (auto flushed = flush(open); !flushed) return flushed;
  done_.push_back(open.file);
  auto finished = open.object->finish();
  open.object.reset();
  return finished;
}

base::Result<void> ResultFiles::add(ResultFile::Kind kind, std::string_view record) {
  Open& open = open_[static_cast<size_t>(kind)];
  // With what stands before or behind each record, and the bracket at the end.
  const uint64_t bytes = open.file.bytes + open.buffer.size() + record.size() + (lines_ ? 1 : 2);
  if (open.object && bytes > file_bytes_max_) {
    if (auto ended = end(open); !ended) return ended;
  }
  if (!open.object) {
    if (auto begun = begin(open, kind); !begun) return begun;
  }
  if (!lines_) open.buffer += open.file.records == 0 ? '[' : ',';
  open.buffer += record;
  if (lines_) open.buffer += '\n';
  ++open.file.records;
  return open.buffer.size() >= kBufferBytes ? flush(open) : base::Result<void>();
}

base::Result<std::vector<ResultFile>> ResultFiles::finish() {
  for (Open& open : open_) {
    if (!open.object) continue;
    if (auto ended = end(open); !ended) return std::unexpected(ended.error());
  }
  std::vector<ResultFile> in_order;
  for (const Open& open : open_) {
    std::ranges::copy_if(done_, std::back_inserter(in_order), [&](const ResultFile& file) {
      return file.kind == open.file.kind && open.number > 0;
    });
  }
  return in_order;
}

std::string manifest_text(std::string_view bucket, std::string_view map_run_arn,
                          const std::vector<ResultFile>& files) {
  json::ObjectText by_kind;
  for (const auto kind :
       {ResultFile::Kind::kFailed, ResultFile::Kind::kPending, ResultFile::Kind::kSucceeded}) {
    std::string list;
    for (const ResultFile& file : files) {
      if (file.kind != kind) continue;
      json::ObjectText one;
      one.text("Key", file.key);
      one.raw("Size", std::to_string(file.bytes));
      list += (list.empty() ? "" : ",") + one.finish();
    }
    by_kind.raw(to_string(kind), "[" + list + "]");
  }
  json::ObjectText manifest;
  manifest.text("DestinationBucket", bucket);
  manifest.text("MapRunArn", map_run_arn);
  manifest.raw("ResultFiles", by_kind.finish());
  return manifest.finish();
}

}  // namespace weft::maprun
