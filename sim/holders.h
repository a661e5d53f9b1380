#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "integrations/tokens/task_tokens.h"
#include "machine.h"
#include "running/requests.h"
#include "store/store.h"

namespace weft::sim {

// Those outside who have task tokens and answer with them, as a client does that wants to be heard:
// again and again until it is told, also after the process ended. What they do follows from the
// task's payload, so that a crash cannot change what comes out.
class Holders {
 public:
  struct Ports {
    // To the execution of the token's task.
    std::function<void(const tokens::TaskPlace&, running::TaskAnswer,
                       std::function<void(bool)> told)>
        send;
    std::function<void(int64_t delay_us, std::function<void()>)> later;
    std::function<int64_t(int64_t max)> draw;
    std::function<void(std::string)> violate;
  };
  Holders(Ports ports, int impatient_percent)
      : ports_(std::move(ports)), impatient_percent_(impatient_percent) {}

  // Somebody gets a token; a second time it changes nothing.
  void give(const std::string& token, const tokens::TaskPlace& place, const FunctionPlan& plan);
  // What was on its way is lost.
  void crashed();
  // What is wrong in a finished store: an answer that was acknowledged and is not its task's
  // outcome, or a token that ended two tasks.
  std::vector<std::string> check(const store::Store& store) const;

 private:
  struct Holder {
    tokens::TaskPlace place;
    FunctionPlan plan;
    int tries = 0;
    int taken = 0;  // which try was acknowledged; 0: none
    bool done = false;
  };
  void plan_try(const std::string& token);
  void try_answer(const std::string& token);
  void told(const std::string& token, int tried, bool taken);

  const Ports ports_;
  const int impatient_percent_;
  std::map<std::string, Holder> holders_;  // by token
};

}  // namespace weft::sim
