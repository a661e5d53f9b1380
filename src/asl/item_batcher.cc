#include <array>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/template.h"
#include "base/limits.h"

namespace weft::asl {

std::optional<ItemBatcher> compile_item_batcher(StateContext& context) {
  json::Value json = context.json.find("ItemBatcher");
  Path path = context.path.member("ItemBatcher");
  Compilation& compilation = context.compilation();
  if (json.is_undefined() || !expect_object(compilation, json, path)) {
    return std::nullopt;
  }
  constexpr std::array<std::string_view, 5> kAllowed = {
      "BatchInput", "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch",
      "MaxInputBytesPerBatchPath"};
  check_members(compilation, json, path, kAllowed);
  bool limited = false;
  for (std::string_view name : {"MaxItemsPerBatch", "MaxInputBytesPerBatch"}) {
    const std::string path_name = std::string(name) + "Path";
    limited = limited || !json.find(name).is_undefined() ||
              (!context.jsonata() && !json.find(path_name).is_undefined());
  }
  if (!limited) {
    compilation.error(path,
                      "At least one of these fields is required: [MaxItemsPerBatch, "
                      "MaxInputBytesPerBatch]");
  }
  ItemBatcher batcher;
  batcher.max_items_per_batch =
      compile_scalar(context, json, path, "MaxItemsPerBatch", "ItemBatcher/MaxItemsPerBatch",
                     {.kind = ScalarType::Kind::kInteger, .min = 1, .max = 100'000'000});
  batcher.max_input_bytes_per_batch = compile_scalar(
      context, json, path, "MaxInputBytesPerBatch", "ItemBatcher/MaxInputBytesPerBatch",
      {.kind = ScalarType::Kind::kInteger, .min = 1, .max = base::kStateDataBytesMax});
  if (json::Value input = json.find("BatchInput"); !input.is_undefined()) {
    batcher.batch_input =
        compile_template(context, input, path.member("BatchInput"), "ItemBatcher/BatchInput", {});
  }
  return batcher;
}

}  // namespace weft::asl
