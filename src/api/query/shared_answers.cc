#include "api/query/shared_answers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "api/live/values.h"
#include "api/query/handler.h"
#include "net/url.h"
#include "records/records.h"

namespace weft::api {
namespace {

constexpr std::string_view kAboutMapRuns = "maprun/";
// What pages of an execution show of its Map Runs' children, too.
constexpr std::array<std::string_view, 5> kAboutExecutions = {
    "exec/critical", "exec/flame", "exec/graph", "exec/summary", "exec/tree"};

bool accepts_gzip(const net::Request& request) {
  return request.headers.get("Accept-Encoding").find("gzip") != std::string_view::npos;
}

// What the client has already is not sent again.
net::Response unless_known(const net::Request& request, const net::Response& response) {
  const auto known = request.headers.find("If-None-Match");
  if (!known || known != response.headers.find("ETag")) return response;
  net::Response same{.status = 304};
  for (const char* name : {"ETag", "Cache-Control", "Vary", SharedAnswers::kKeptHeader}) {
    if (const auto value = response.headers.find(name)) same.headers.set(name, std::string(*value));
  }
  return same;
}

}  // namespace

SharedAnswers::SharedAnswers(const reading::Query& query, Find find, Now now)
    : query_(query), find_(std::move(find)), now_(std::move(now)) {}

net::Response SharedAnswers::answer(const net::Request& request) {
  const auto state = state_of(request);
  if (!state) return find_(request);
  const std::shared_ptr<Kept> kept = entry(request);
  const sync::MutexLock lock(kept->mutex);
  const auto now = now_();
  const bool fresh = kept->response && kept->state == *state && now - kept->found < kept->moment;
  if (fresh) {
    kept->response->headers.set(kKeptHeader, "1");
    return unless_known(request, *kept->response);
  }
  net::Request whole = request;
  std::erase_if(whole.headers.fields,
                [](const auto& field) { return net::lower_case(field.first) == "if-none-match"; });
  net::Response found = find_(whole);
  kept->response.reset();
  if (found.status != 200) return found;
  found.headers.set(kKeptHeader, "0");
  net::Response answer = unless_known(request, found);
  if (found.body.size() <= kBodyBytesMax) {
    kept->found = now_();
    kept->moment = std::clamp<std::chrono::steady_clock::duration>(kRestTimes * (kept->found - now),
                                                                   kMomentMin, kMomentMax);
    kept->state = *state;
    kept->response = std::move(found);
  }
  return answer;
}

std::optional<std::string> SharedAnswers::state_of(const net::Request& request) const {
  std::string_view path = request.path;
  if (request.method != "GET" || !path.starts_with(kQueryPrefix)) return std::nullopt;
  path.remove_prefix(kQueryPrefix.size());
  const bool about_execution = std::ranges::find(kAboutExecutions, path) != kAboutExecutions.end();
  if (!about_execution && !path.starts_with(kAboutMapRuns)) return std::nullopt;
  const net::Query parameters = net::Query::parse(request.query);
  const auto arn = parameters.find("arn");
  if (!arn) return std::nullopt;
  if (about_execution) return own_version(query_, *arn);
  const auto run = query_.map_run(*arn);
  if (!run || run->status != records::MapRunStatus::kRunning) return std::nullopt;
  return records::encode(*run);
}

std::shared_ptr<SharedAnswers::Kept> SharedAnswers::entry(const net::Request& request) {
  std::string question = request.path + "?" + request.query;
  if (accepts_gzip(request)) question += " gzip";
  const sync::MutexLock lock(mutex_);
  const auto known = std::ranges::find(
      entries_, question, [](const auto& one) -> const auto& { return one->question; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
  } else {
    entries_.push_front(std::make_shared<Kept>());
    entries_.front()->question = std::move(question);
    if (entries_.size() > kEntriesMax) entries_.pop_back();
  }
  return entries_.front();
}

}  // namespace weft::api
