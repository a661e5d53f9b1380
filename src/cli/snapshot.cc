#include "cli/snapshot.h"

#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "api/page/files.h"
#include "api/query/handler.h"
#include "api/s3/checksum.h"
#include "arn/arn.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/url.h"
#include "running/reading_host.h"

namespace weft::cli {
namespace {

using base::ErrorCode;

constexpr size_t kMapRunsMax = 10;
constexpr size_t kSpansMax = 60;    // of one execution, in full
constexpr size_t kSlowestMax = 20;  // children of a Map Run, in full
constexpr size_t kErrorGroupsMax = 20;
constexpr size_t kManyChildren = 20'000;
constexpr size_t kSomeChildren = 2'000;

class Snapshot {
 public:
  Snapshot(const DataDirectory& data, const trace::Redactor& payloads)
      : host_(*data.query, data.counted()), api_(host_, payloads) {}

  base::Result<void> add_all(const std::string& arn) {
    if (arn::arn_parts(arn).kind == "mapRun") {
      const auto run = host_.query().map_run(arn);
      if (!run) return std::unexpected(run.error());
      if (auto done = add_execution(run->execution_arn); !done) return done;
      return add_map_run(*run);
    }
    if (auto done = add_execution(arn); !done) return done;
    const auto key = host_.query().find_execution(arn);
    if (!key) return std::unexpected(key.error());
    const auto runs = host_.query().map_runs(*key);
    if (!runs) return std::unexpected(runs.error());
    for (size_t i = 0; i < runs->size() && i < kMapRunsMax; ++i) {
      if (auto done = add_map_run((*runs)[i]); !done) return done;
    }
    partial_ |= runs->size() > kMapRunsMax;
    return {};
  }
  // {"answers":{KEY:ANSWER,...},"partial":..} with what else is known.
  std::string to_json(std::string_view start, int64_t now_ms) const {
    std::string out = "{\"start\":";
    json::write_string(start, out);
    fmt::format_to(std::back_inserter(out), ",\"made\":{},\"partial\":{},\"answers\":{{",
                   now_ms * 1'000, partial_);
    bool first = true;
    for (const auto& [key, body] : answers_) {
      if (!first) out += ',';
      first = false;
      json::write_string(key, out);
      out += ':';
      out += body;
    }
    return out + "}}";
  }

 private:
  // Keeps an answer under the name by which the page finds it: path, ARN, and what else tells one
  // question from another. Nothing beyond the limit.
  std::string add(const std::string& path, const std::string& arn, const std::string& more = "",
                  const std::string& which = "") {
    const std::string key = path + "|" + arn + "|" + which;
    net::Request request{.method = "GET",
                         .path = std::string(api::kQueryPrefix) + path,
                         .query = "arn=" + net::percent_encode(arn) + more};
    net::Response response = api_.answer(request);
    if (response.status != 200) return std::string();  // of this run there is no such thing
    if (bytes_ + response.body.size() > kSnapshotBytesMax) {
      partial_ = true;
      return std::string();
    }
    bytes_ += response.body.size();
    answers_[key] = response.body;
    return std::move(response.body);
  }

  base::Result<void> add_execution(const std::string& arn) {
    if (!executions_.insert(arn).second) return {};
    const auto key = host_.query().find_execution(arn);
    if (!key) return std::unexpected(key.error());
    for (const char* path : {"exec/summary", "exec/graph", "exec/flame", "exec/events"}) {
      add(path, arn);
    }
    add("exec/logs", arn, "&own=1&limit=200");
    add_definition(*key, arn);
    const std::string tree = add("exec/tree", arn);
    json::Arena arena;
    const auto parsed = json::parse(tree, arena);
    if (!parsed || !parsed->is_object()) return {};
    const json::Value rows = parsed->find("rows");
    size_t spans = 0;
    for (uint32_t i = 0; i < rows.size() && spans < kSpansMax; ++i) {
      if (rows.item(i).find("row").as_string() != "span") continue;
      const std::string id(rows.item(i).find("id").as_string());
      add("span", arn, "&id=" + id, id);
      ++spans;
    }
    return {};
  }

  // As DescribeStateMachineForExecution answers it.
  void add_definition(history::ExecutionKey key, const std::string& arn) {
    std::string hash;
    if (key.run == 0) {
      if (const auto record = host_.query().execution_record(key)) hash = record->definition_hash;
    } else if (const auto run = host_.query().map_run(key.run)) {
      hash = run->definition_hash;
    }
    const auto definition = host_.query().definition(hash);
    if (!definition) return;
    std::string body = "{\"definition\":";
    json::write_string(definition->view(), body);
    body += '}';
    bytes_ += body.size();
    answers_["DescribeStateMachineForExecution|" + arn + "|"] = std::move(body);
  }

  base::Result<void> add_map_run(const records::MapRunRecord& run) {
    add("maprun/summary", run.arn);
    const uint64_t children = run.executions.finished();
    const bool many = children > kManyChildren;
    add("maprun/heatmap", run.arn,
        many                       ? "&w=192&h=48"
        : children > kSomeChildren ? "&w=144&h=40"
                                   : "&w=96&h=28");
    add("maprun/strip", run.arn, "&w=240");
    add("maprun/lanes", run.arn, "&w=384&h=53");
    add("maprun/differs", run.arn);
    add("maprun/tail", run.arn);
    const std::string slowest = add("maprun/children", run.arn, "&limit=100");
    const std::string errors = add("maprun/errors", run.arn);
    for (const std::string& child : examples(slowest, errors, run)) {
      if (auto done = add_execution(child); !done) return done;
    }
    return {};
  }

  // ARNs of the slowest children, and of one of each error; of those the rows as well.
  std::vector<std::string> examples(const std::string& slowest, const std::string& errors,
                                    const records::MapRunRecord& run) {
    std::vector<std::string> arns;
    json::Arena arena;
    if (const auto parsed = json::parse(slowest, arena); parsed && parsed->is_object()) {
      const json::Value rows = parsed->find("rows");
      for (uint32_t i = 0; i < rows.size() && i < kSlowestMax; ++i) {
        arns.emplace_back(rows.item(i).find("arn").as_string());
      }
    }
    if (const auto parsed = json::parse(errors, arena); parsed && parsed->is_object()) {
      const json::Value groups = parsed->find("groups");
      for (uint32_t i = 0; i < groups.size() && i < kErrorGroupsMax; ++i) {
        const json::Value examples = groups.item(i).find("ex");
        if (examples.size() == 0) continue;
        const auto index = static_cast<uint64_t>(examples.item(0).as_int());
        const std::string condition = fmt::format("index:{}", index);
        add("maprun/children", run.arn, "&limit=1&f=" + condition, condition);
        arns.push_back(host_.query().child_arn(run, index));
      }
    }
    return arns;
  }

  running::ReadingHost host_;
  api::QueryApi api_;
  std::set<std::string> executions_;
  std::map<std::string, std::string> answers_;
  size_t bytes_ = 0;
  bool partial_ = false;  // something was left out
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Text that a script element may hold: nothing in it ends the element. In a program these stand in
// strings alone.
std::string script_text(std::string_view program) {
  return replaced(replaced(std::string(program), "</script", "<\\/script"), "<!--", "\\x3c!--");
}
std::string script_json(std::string json) { return replaced(std::move(json), "<", "\\u003c"); }

struct PageParts {
  std::string styles;
  std::string script;
};

base::Result<PageParts> page_parts() {
  PageParts parts;
  for (const api::PageFile& file : api::page_files()) {
    if (file.path.starts_with("assets/index-") && file.path.ends_with(".js")) {
      parts.script = script_text(file.text);
    }
    if (file.path.ends_with(".css")) parts.styles += file.text;
  }
  if (!parts.script.empty()) return parts;
  return base::fail(ErrorCode::kUnavailable, "This weft was built without its page");
}

}  // namespace

base::Result<void> write_snapshot(const DataDirectory& data, const std::string& arn,
                                  const trace::Redactor& payloads, int64_t now_ms,
                                  const std::function<void(std::string_view)>& write) {
  const auto parts = page_parts();
  if (!parts) return std::unexpected(parts.error());
  Snapshot snapshot(data, payloads);
  if (auto done = snapshot.add_all(arn); !done) return done;
  const bool run = arn::arn_parts(arn).kind == "mapRun";
  const std::string start =
      fmt::format("{}/{}", run ? "maprun" : "exec", net::percent_encode(arn, ":/"));
  write(fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'sha256-{}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
      "'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Weft</title>\n<style>",
      api::sha256_base64(parts->script)));
  write(parts->styles);
  write(
      "</style>\n</head>\n<body>\n<div id=\"app\"></div>\n"
      "<script type=\"application/json\" id=\"weft-snapshot\">");
  write(script_json(snapshot.to_json(start, now_ms)));
  write("</script>\n<script type=\"module\">");
  write(parts->script);
  write("</script>\n</body>\n</html>\n");
  return {};
}

}  // namespace weft::cli
