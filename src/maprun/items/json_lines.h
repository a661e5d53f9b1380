#pragma once

#include "maprun/items/decoder.h"

namespace weft::maprun::items {

// JSON Lines: each line that is not blank is an item, of any type.
class JsonLines : public Decoder {
 public:
  base::Result<Decoded> decode(const Piece& piece, size_t max_items,
                               std::vector<base::Text>& items) override;
  std::string state() const override { return ""; }
};

}  // namespace weft::maprun::items
