#include "holders.h"

#include <utility>

#include <fmt/format.h>

#include "history/codec.h"

namespace weft::sim {
namespace {

using history::Event;
using history::EventType;

std::string mark_of(const std::string& token, int tried) {
  return fmt::format("token={} try={};", token, tried);
}

running::TaskAnswer answer_of(const std::string& token, const FunctionPlan& plan, int tried) {
  const std::string mark = mark_of(token, tried);
  if (plan.kind == FunctionPlan::Kind::kFail) return running::TaskFailure{"Sim.Failed", mark};
  return running::TaskSuccess{
      base::Text(fmt::format(R"({{"Payload":{{"n":{}}},"mark":"{}"}})", plan.answer, mark))};
}

// What the outcomes of all tasks say of whose answers they are.
std::string outcomes_of(const store::Store& store) {
  std::string all;
  (void)store.scan(
      store::Family::kTurn, "", "", false, [&](std::string_view, std::string_view value) {
        for (const Event& event : history::decode_turn(value)->events) {
          if (event.type == EventType::kTaskSucceeded ||
              event.type == EventType::kActivitySucceeded) {
            all += event.text.view();
          }
          if (event.type == EventType::kTaskFailed || event.type == EventType::kActivityFailed) {
            all += event.cause.value_or("");
          }
          all += '\n';
        }
        return true;
      });
  return all;
}

size_t count(std::string_view text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

void Holders::give(const std::string& token, const tokens::TaskPlace& place,
                   const FunctionPlan& plan) {
  const bool added = holders_.try_emplace(token, Holder{.place = place, .plan = plan}).second;
  if (!added) return;
  if (plan.kind == FunctionPlan::Kind::kHang) {
    holders_.at(token).done = true;
    return;
  }
  plan_try(token);
}

void Holders::plan_try(const std::string& token) {
  ports_.later(ports_.draw(500'000), [this, token] { try_answer(token); });
}

void Holders::try_answer(const std::string& token) {
  Holder& holder = holders_.at(token);
  if (holder.done) return;
  if (ports_.draw(2) == 0) ports_.send(holder.place, running::TaskHeartbeat{}, [](bool) {});
  const int tried = ++holder.tries;
  ports_.send(holder.place, answer_of(token, holder.plan, tried),
              [this, token, tried](bool taken) { told(token, tried, taken); });
  if (ports_.draw(99) < impatient_percent_) plan_try(token);
}

void Holders::told(const std::string& token, int tried, bool taken) {
  Holder& holder = holders_.at(token);
  holder.done = true;
  if (!taken) return;
  if (holder.taken != 0)
    ports_.violate(fmt::format("two answers to the token {} were acknowledged", token));
  holder.taken = tried;
}

void Holders::crashed() {
  for (const auto& [token, holder] : holders_) {
    if (!holder.done) plan_try(token);
  }
}

std::vector<std::string> Holders::check(const store::Store& store) const {
  std::vector<std::string> out;
  const std::string outcomes = outcomes_of(store);
  for (const auto& [token, holder] : holders_) {
    const size_t ended = count(outcomes, fmt::format("token={} ", token));
    if (ended > 1) out.push_back(fmt::format("the token {} ended {} tasks", token, ended));
    if (holder.taken != 0 && count(outcomes, mark_of(token, holder.taken)) != 1) {
      out.push_back(fmt::format(
          "answer {} to the token {} was acknowledged, but it is not the outcome of its "
          "task",
          holder.taken, token));
    }
  }
  return out;
}

}  // namespace weft::sim
