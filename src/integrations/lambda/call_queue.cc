#include "integrations/lambda/call_queue.h"

#include <iterator>

namespace weft::lambda {

void CallQueue::push(std::unique_ptr<Call> call) {
  const uint64_t id = call->invocation.group;
  auto known = by_id_.find(id);
  if (known == by_id_.end())
    known = by_id_.emplace(id, groups_.insert(groups_.end(), Group{.id = id})).first;
  auto& calls = known->second->calls;
  std::string request_id = call->invocation.request_id;
  calls.push_back(std::move(call));
  calls_[std::move(request_id)] = {.group = known->second, .call = std::prev(calls.end())};
}

Call* CallQueue::nth(size_t n) const {
  if (n >= size()) return nullptr;
  struct Left {
    std::list<std::unique_ptr<Call>>::const_iterator next, end;
  };
  std::list<Left> turns;
  for (const Group& group : groups_) {
    turns.push_back({group.calls.begin(), group.calls.end()});
    if (turns.size() > n) break;  // the others come after it
  }
  for (auto turn = turns.begin();; --n) {
    if (n == 0) return turn->next->get();
    turn = ++turn->next == turn->end ? turns.erase(turn) : std::next(turn);
    if (turn == turns.end()) turn = turns.begin();
  }
}

const Call* CallQueue::find(std::string_view request_id) const {
  const auto found = calls_.find(std::string(request_id));
  return found == calls_.end() ? nullptr : found->second.call->get();
}

std::unique_ptr<Call> CallQueue::take() {
  const auto group = groups_.begin();
  groups_.splice(groups_.end(), groups_, group);
  return remove(calls_.find(group->calls.front()->invocation.request_id));
}

std::unique_ptr<Call> CallQueue::remove(std::string_view request_id) {
  const auto found = calls_.find(std::string(request_id));
  return found == calls_.end() ? nullptr : remove(found);
}

std::unique_ptr<Call> CallQueue::remove(std::unordered_map<std::string, Place>::iterator found) {
  const Place place = found->second;
  calls_.erase(found);
  std::unique_ptr<Call> call = std::move(*place.call);
  place.group->calls.erase(place.call);
  if (place.group->calls.empty()) {
    by_id_.erase(place.group->id);
    groups_.erase(place.group);
  }
  return call;
}

}  // namespace weft::lambda
