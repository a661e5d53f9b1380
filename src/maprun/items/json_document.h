#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "maprun/items/decoder.h"
#include "maprun/items/json_check.h"

namespace weft::maprun::items {

// A JSON text of which one array or object holds the items: the text itself, or what ItemsPointer
// points at. An object's members are the items {"Key", "Value"}. Of the rest of the text nothing is
// kept, however large it is; but all of it is read to see that it is one JSON text: a file of
// another kind (JSON Lines, say) must not pass for its first value, nor one that was cut off for a
// whole. That a member on the pointer's way is there twice is an error, too: parsers of JSON take
// the last of them mostly, and its items are known when those of the first have begun.
class JsonDocument : public Decoder {
 public:
  // `pointer` must be valid (asl::is_json_pointer).
  JsonDocument(std::string_view pointer, std::string_view state);

  base::Result<Decoded> decode(const Piece& piece, size_t max_items,
                               std::vector<base::Text>& items) override;
  std::string state() const override;
  bool keyed() const override { return keyed_; }

 private:
  enum class At : uint8_t {
    kValue,     // before the value that the pointer's part `level_` is to be looked up in
    kName,      // in an object on the way, before a member
    kElement,   // in an array on the way, before the element `index_`
    kSkipped,   // inside a value that is passed over
    kElements,  // between the items of an array
    kMembers,   // between the items of an object
    kRest,      // behind the items, in `level_` containers that are not closed yet
    kUnknown,   // the same with the state of an earlier version: nothing is checked
  };
  // Each takes what it can of `text` from `at` on. False: it needs more.
  base::Result<bool> seek(const Piece& piece, size_t& at);
  base::Result<bool> enter(const Piece& piece, size_t& at);
  base::Result<bool> name(const Piece& piece, size_t& at);
  base::Result<bool> element(const Piece& piece, size_t& at);
  // The value that is passed over; false: it goes on.
  base::Result<bool> skip(const Piece& piece, size_t& at);
  base::Result<Decoded> elements(const Piece& piece, size_t at, size_t max_items,
                                 std::vector<base::Text>& items);
  base::Result<Decoded> members(const Piece& piece, size_t at, size_t max_items,
                                std::vector<base::Text>& items);
  // Behind the last item: what follows must close the containers around it, then end.
  base::Result<Decoded> rest(const Piece& piece, size_t at);
  base::Result<Decoded> rest_behind(const Piece& piece, size_t at);
  // One step of that, behind a member or an element of the innermost container.
  base::Result<bool> next_in_rest(const Piece& piece, size_t& at);
  std::unexpected<base::Error> not_iterable(const Piece& piece, size_t at) const;
  std::unexpected<base::Error> nothing_there() const;

  std::string pointer_;
  std::vector<std::string> parts_;
  size_t level_ = 0;
  std::string open_;  // the brackets of the containers on the way, `level_` of them
  At at_ = At::kValue;
  bool first_ = true;  // of a container's elements or members
  uint64_t index_ = 0;
  At after_skip_ = At::kName;
  JsonCheck check_;        // of the value that is passed over
  bool skipping_ = false;  // behind the items
  bool began_ = false;
  bool keyed_ = false;
};

}  // namespace weft::maprun::items
