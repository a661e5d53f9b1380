#pragma once

#include "maprun/items/decoder.h"

namespace weft::maprun::items {

// A JSON text of which one array or object holds the items: the text itself, or what ItemsPointer
// points at. An object's members are the items {"Key", "Value"}. Of the rest of the text nothing is
// kept, however large it is; what follows the items is read to see that the text ends there as a
// JSON text does: a file of another kind (JSON Lines, say) must not pass for its first value.
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
    kRest,      // behind the items, inside `depth_` containers that are not closed yet
  };
  // Each takes what it can of `text` from `at` on. False: it needs more.
  base::Result<bool> seek(const Piece& piece, size_t& at);
  base::Result<bool> enter(const Piece& piece, size_t& at);
  base::Result<bool> name(const Piece& piece, size_t& at);
  base::Result<bool> element(const Piece& piece, size_t& at);
  bool skip(const Piece& piece, size_t& at);
  void pass(
      char c);  // a byte whose structure alone counts: strings and how many containers are open
  base::Result<Decoded> elements(const Piece& piece, size_t at, size_t max_items,
                                 std::vector<base::Text>& items);
  base::Result<Decoded> members(const Piece& piece, size_t at, size_t max_items,
                                std::vector<base::Text>& items);
  // Behind the last item: what follows must close the containers around it, then end.
  base::Result<Decoded> rest(const Piece& piece, size_t at);
  base::Result<Decoded> rest_behind(const Piece& piece, size_t at);
  std::unexpected<base::Error> not_iterable(const Piece& piece, size_t at) const;
  std::unexpected<base::Error> nothing_there() const;

  std::string pointer_;
  std::vector<std::string> parts_;
  size_t level_ = 0;
  At at_ = At::kValue;
  bool first_ = true;  // of a container's elements or members
  uint64_t index_ = 0;
  At after_skip_ = At::kName;
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool began_ = false;
  bool keyed_ = false;
};

}  // namespace weft::maprun::items
