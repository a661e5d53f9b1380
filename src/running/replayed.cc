#include "running/replayed.h"

#include <fmt/format.h>

#include "engine/replay.h"
#include "history/codec.h"
#include "records/records.h"

namespace weft::running {

std::unexpected<base::Error> damaged(std::string message) {
  return base::fail(base::ErrorCode::kStorage, "The store is damaged: " + std::move(message));
}

base::Result<Replayed> replay(const store::Store& store, history::ExecutionKey key,
                              std::shared_ptr<const asl::Program> program, asl::BlockId root) {
  Replayed out;
  out.state.program = std::move(program);
  out.state.root_block = root;
  auto scanned = store::scan_checked(
      store, store::Family::kTurn, records::turn_key(key, 0),
      records::turn_key({key.run, key.index + 1}, 0), false,
      [&](std::string_view, std::string_view value) -> base::Result<bool> {
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        for (const history::Event& event : turn->events) {
          if (const auto why = engine::misfit(out.state, event); !why.empty()) {
            return damaged(fmt::format(
                "in the history of execution ({}, {}) the event {} with id {} cannot be: it {}",
                key.run, key.index, history::to_string(event.type), event.id, why));
          }
          engine::apply(out.state, event);
          out.row.add(event);
        }
        ++out.turns;
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  if (out.turns == 0)
    return damaged(
        fmt::format("execution ({}, {}) is open, and its history is empty", key.run, key.index));
  return out;
}

}  // namespace weft::running
