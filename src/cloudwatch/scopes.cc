#include "cloudwatch/scopes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weft::cloudwatch {
namespace {

using history::Event;
using history::EventType;
using history::ScopeId;

// "Task" of TaskStateEntered and TaskStateAborted; "" of other events.
std::string_view state_type(EventType type) {
  const std::string_view name = history::to_string(type);
  const size_t at = name.find("State");
  return at == std::string_view::npos || name.starts_with("MapStateStarted") ? std::string_view()
                                                                             : name.substr(0, at);
}

bool is_failure(EventType type) {
  const std::string_view name = history::to_string(type);
  return name.ends_with("Failed") || name.ends_with("TimedOut");
}

bool is_scheduled(EventType type) {
  return type == EventType::kTaskScheduled || type == EventType::kLambdaFunctionScheduled ||
         type == EventType::kActivityScheduled;
}

class ScopeFinder {
 public:
  explicit ScopeFinder(std::vector<Event>& events) : events_(events) { scopes_.emplace_back(); }

  void run() {
    for (size_t at = 0; at < events_.size(); ++at) {
      by_id_.emplace(events_[at].id, at);
      events_[at].scope = scope_of(events_[at]);
      note(events_[at], at);
    }
    insert_retries();
  }

 private:
  static constexpr ScopeId kRoot = 0;

  // A scope and the state it is in.
  struct Scope {
    ScopeId parent = kRoot;
    bool alive = true;
    std::string_view type;  // "" between states
    std::string_view name;
    uint64_t entered_id = 0;
    uint64_t entered_previous_id = 0;
    bool fork_over = false;                   // its Parallel or Map state has failed or succeeded
    bool aborted = false;                     // the iteration was
    std::optional<size_t> evaluation_failed;  // place of the event
  };
  struct Retry {
    size_t after = 0;  // place of the failure
    Event event;
  };

  const Event* event_of(uint64_t id) const {
    const auto found = by_id_.find(id);
    return id == 0 || found == by_id_.end() ? nullptr : &events_[found->second];
  }

  ScopeId scope_of(const Event& event);
  ScopeId scope_of_entered(const Event& event, const Event* previous);
  ScopeId scope_of_aborted(const Event& event, ScopeId from) const;
  ScopeId scope_of_evaluation(const Event& event) const;
  ScopeId scope_without_previous(const Event& event) const;
  template <typename Wanted>
  ScopeId climb(ScopeId from, Wanted wanted) const;
  template <typename Wanted>
  std::optional<ScopeId> first(Wanted wanted) const;
  ScopeId open(ScopeId parent);
  void close_below(ScopeId scope);
  void note(const Event& event, size_t at);
  void note_retry(const Event& event);
  void insert_retries();
  bool is_below(ScopeId scope, ScopeId ancestor) const;

  std::vector<Event>& events_;
  std::unordered_map<uint64_t, size_t> by_id_;
  std::vector<Scope> scopes_;
  std::optional<ScopeId> last_aborted_iteration_;
  std::unordered_map<uint64_t, ScopeId> iterations_;  // by id of MapIterationStarted
  std::vector<Retry> retries_;
  uint64_t last_redriven_ = 0;
};

template <typename Wanted>
ScopeId ScopeFinder::climb(ScopeId from, Wanted wanted) const {
  for (ScopeId scope = from;; scope = scopes_[scope].parent) {
    if (wanted(scopes_[scope])) return scope;
    if (scope == kRoot) return from;
  }
}

template <typename Wanted>
std::optional<ScopeId> ScopeFinder::first(Wanted wanted) const {
  for (ScopeId scope = 0; scope < scopes_.size(); ++scope) {
    if (scopes_[scope].alive && wanted(scope)) return scope;
  }
  return std::nullopt;
}

bool ScopeFinder::is_below(ScopeId scope, ScopeId ancestor) const {
  while (scope != ancestor && scope != kRoot) scope = scopes_[scope].parent;
  return scope == ancestor;
}

ScopeId ScopeFinder::open(ScopeId parent) {
  scopes_.push_back({.parent = parent});
  return static_cast<ScopeId>(scopes_.size() - 1);
}

void ScopeFinder::close_below(ScopeId scope) {
  for (ScopeId id = scope + 1; id < scopes_.size(); ++id) {
    if (id != scope && is_below(id, scope)) scopes_[id].alive = false;
  }
}

ScopeId ScopeFinder::scope_of(const Event& event) {
  if (history::is_terminal(event.type) || event.type == EventType::kExecutionStarted ||
      event.type == EventType::kExecutionRedriven) {
    return kRoot;
  }
  if (event.type == EventType::kEvaluationFailed) return scope_of_evaluation(event);
  const Event* previous = event_of(event.previous_id);
  if (history::is_state_entered(event.type)) return scope_of_entered(event, previous);
  if (previous == nullptr) return scope_without_previous(event);
  const ScopeId from = previous->scope;
  const auto in_state = [&event](const Scope& scope) { return scope.name == event.name; };
  const auto in_fork = [](std::string_view type) {
    return [type](const Scope& scope) { return scope.type == type && !scope.fork_over; };
  };
  if (history::is_state_exited(event.type)) return climb(from, in_state);
  switch (event.type) {
    case EventType::kMapIterationStarted:
    case EventType::kMapIterationSucceeded:
    case EventType::kMapIterationFailed:
    case EventType::kMapIterationAborted: {
      const ScopeId scope = climb(from, in_state);
      if (in_state(scopes_[scope])) return scope;
      return first([&](ScopeId id) { return in_state(scopes_[id]); }).value_or(from);
    }
    case EventType::kParallelStateStarted:
    case EventType::kParallelStateSucceeded:
    case EventType::kParallelStateFailed:
      return climb(from, in_fork("Parallel"));
    case EventType::kMapStateStarted:
    case EventType::kMapStateSucceeded:
    case EventType::kMapStateFailed:
      return climb(from, in_fork("Map"));
    case EventType::kTaskStateAborted:
    case EventType::kWaitStateAborted:
    case EventType::kParallelStateAborted:
    case EventType::kMapStateAborted:
      return scope_of_aborted(event, from);
    default:
      return from;
  }
}

ScopeId ScopeFinder::scope_of_entered(const Event& event, const Event* previous) {
  if (previous == nullptr) {
    if (event.previous_id == 0) return kRoot;
    // Behind a gap: a branch of its own when the execution itself is inside a Map or Parallel
    // state.
    const bool forked = scopes_[kRoot].type == "Map" || scopes_[kRoot].type == "Parallel";
    return forked ? open(kRoot) : kRoot;
  }
  if (previous->type == EventType::kParallelStateStarted) return open(previous->scope);
  if (previous->type == EventType::kMapIterationStarted) {
    const auto [found, fresh] = iterations_.try_emplace(previous->id, 0);
    if (fresh) found->second = open(previous->scope);
    return found->second;
  }
  return previous->scope;
}

// The event names no state. AWS writes it right after MapIterationAborted of its iteration; the
// Task that failed closes first; else the first sibling that is still in such a state.
ScopeId ScopeFinder::scope_of_aborted(const Event& event, ScopeId from) const {
  const std::string_view type = state_type(event.type);
  if (last_aborted_iteration_ && scopes_[*last_aborted_iteration_].type == type) {
    return *last_aborted_iteration_;
  }
  if (scopes_[from].type == "Task" && type == "Task") return from;
  // What a failure cuts off is beside it in the innermost fork; forks around that fail after it.
  for (ScopeId fork = from; fork != kRoot;) {
    fork = scopes_[fork].parent;
    const auto sibling = first([&](ScopeId id) {
      return id != fork && scopes_[id].type == type && is_below(id, fork) && !is_below(from, id);
    });
    if (sibling) return *sibling;
  }
  const auto any =
      first([&](ScopeId id) { return scopes_[id].type == type && !is_below(from, id); });
  return any.value_or(from);
}

// Its previousEventId is that of the state's Entered event (of a Wait state: the Entered event), so
// the state's name decides, and among iterations that.
ScopeId ScopeFinder::scope_of_evaluation(const Event& event) const {
  const auto exact = first([&](ScopeId id) {
    const Scope& scope = scopes_[id];
    return scope.name == event.name && !scope.type.empty() &&
           (scope.entered_previous_id == event.previous_id ||
            scope.entered_id == event.previous_id);
  });
  return exact ? *exact : scope_without_previous(event);
}

ScopeId ScopeFinder::scope_without_previous(const Event& event) const {
  const std::string_view type = state_type(event.type);
  const auto named = first([&](ScopeId id) {
    return !event.name.empty() && !scopes_[id].type.empty() && scopes_[id].name == event.name;
  });
  if (named) return *named;
  const std::string_view wanted = type.empty() ? "Task" : type;
  return first([&](ScopeId id) { return scopes_[id].type == wanted; }).value_or(kRoot);
}

void ScopeFinder::note(const Event& event, size_t at) {
  Scope& scope = scopes_[event.scope];
  note_retry(event);
  if (history::is_state_entered(event.type)) {
    scope.type = state_type(event.type);
    scope.name = event.name;
    scope.entered_id = event.id;
    scope.entered_previous_id = event.previous_id;
    scope.fork_over = false;
    scope.evaluation_failed.reset();
    return;
  }
  switch (event.type) {
    case EventType::kExecutionRedriven:
      last_redriven_ = event.id;
      break;
    case EventType::kEvaluationFailed:
      scope.evaluation_failed = at;
      break;
    case EventType::kMapStateStarted:
    case EventType::kParallelStateStarted:
      close_below(event.scope);  // a retry starts all over
      break;
    case EventType::kMapIterationAborted: {
      last_aborted_iteration_.reset();
      for (const auto& [id, iteration] : iterations_) {
        const Event* started = event_of(id);
        if (scopes_[iteration].alive && !scopes_[iteration].aborted &&
            started->number == event.number && started->scope == event.scope) {
          scopes_[iteration].aborted = true;
          last_aborted_iteration_ = iteration;
        }
      }
      break;
    }
    case EventType::kTaskStateAborted:
    case EventType::kWaitStateAborted:
    case EventType::kParallelStateAborted:
    case EventType::kMapStateAborted:
      scope.type = {};
      break;
    case EventType::kMapStateSucceeded:
    case EventType::kParallelStateSucceeded:
    case EventType::kMapStateFailed:
    case EventType::kParallelStateFailed:
      scope.fork_over = true;
      break;
    default:
      if (is_scheduled(event.type)) scope.evaluation_failed.reset();
      if (history::is_state_exited(event.type)) {
        const bool forked = scope.type == "Map" || scope.type == "Parallel";
        scope.type = {};
        scope.name = {};
        if (forked) close_below(event.scope);
      }
      break;
  }
}

// An attempt whose previous event is a failure repeats it; so does a second failed evaluation of
// one visit. What a redrive repeats did not wait.
void ScopeFinder::note_retry(const Event& event) {
  const bool restart = is_scheduled(event.type) || event.type == EventType::kMapStateStarted ||
                       event.type == EventType::kParallelStateStarted;
  std::optional<size_t> failure;
  if (restart) {
    const auto found = by_id_.find(event.previous_id);
    if (found != by_id_.end() && is_failure(events_[found->second].type)) failure = found->second;
  } else if (event.type == EventType::kEvaluationFailed) {
    failure = scopes_[event.scope].evaluation_failed;
  }
  if (!failure || events_[*failure].id < last_redriven_) return;
  const Event& failed = events_[*failure];
  retries_.push_back({.after = *failure,
                      .event = {.type = EventType::kWeftRetryScheduled,
                                .previous_id = failed.id,
                                .time_ms = failed.time_ms,
                                .scope = event.scope,
                                .number = event.time_ms}});
}

// Right after the failure and what it brought down with it.
void ScopeFinder::insert_retries() {
  for (Retry& retry : retries_) {
    const uint64_t failed = events_[retry.after].id;
    while (retry.after + 1 < events_.size() && events_[retry.after + 1].previous_id == failed &&
           events_[retry.after + 1].time_ms == retry.event.time_ms &&
           events_[retry.after + 1].type != EventType::kMapStateStarted &&
           events_[retry.after + 1].type != EventType::kParallelStateStarted &&
           !is_scheduled(events_[retry.after + 1].type)) {
      ++retry.after;
    }
  }
  std::ranges::sort(retries_, {},
                    [](const Retry& retry) { return std::pair(retry.after, retry.event.number); });
  std::vector<Event> all;
  all.reserve(events_.size() + retries_.size());
  size_t next = 0;
  for (size_t at = 0; at < events_.size(); ++at) {
    all.push_back(std::move(events_[at]));
    for (; next < retries_.size() && retries_[next].after == at; ++next) {
      all.push_back(std::move(retries_[next].event));
    }
  }
  events_ = std::move(all);
}

}  // namespace

void restore_scopes(std::vector<Event>& events) { ScopeFinder(events).run(); }

}  // namespace weft::cloudwatch
