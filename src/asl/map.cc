#include <array>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/jsonpath_fields.h"
#include "asl/nearest.h"
#include "asl/template.h"
#include "base/limits.h"

namespace weft::asl {
namespace {

constexpr std::string_view kDistributed = "DISTRIBUTED";
constexpr std::string_view kProcessorNames[] = {"ItemProcessor", "Iterator"};

// `ProcessorConfig`: mode and type of the children.
void compile_config(StateContext& context, const json::Value& processor, const Path& path,
                    MapState& map) {
  Compilation& compilation = context.compilation();
  json::Value config = processor.find("ProcessorConfig");
  Path at = path.member("ProcessorConfig");
  if (config.is_undefined() || !expect_object(compilation, config, at)) {
    return;
  }
  constexpr std::array<std::string_view, 2> kAllowed = {"Mode", "ExecutionType"};
  check_members(compilation, config, at, kAllowed);
  const json::Value written = config.find("Mode");
  const std::optional<std::string> mode =
      read_choice(compilation, config, at, "Mode", {"INLINE", "DISTRIBUTED"});
  std::optional<std::string> type =
      read_choice(compilation, config, at, "ExecutionType", {"STANDARD", "EXPRESS"});
  // A mode with a slip in it is one error, not one more for each field that belongs to it.
  const bool meant_distributed =
      !mode && !written.is_undefined() &&
      (type ||
       !nearest(written.as_string(), std::array<std::string_view, 1>{kDistributed}).empty());
  map.distributed = mode == kDistributed || meant_distributed;
  if (map.distributed) {
    require_members(compilation, config, at, {"ExecutionType"});
  } else if (type) {
    compilation.error_about(at, "ExecutionType",
                            "Field 'ExecutionType' is only supported when 'Mode' is 'DISTRIBUTED'");
  }
  map.child_type = type == "EXPRESS" ? ChildType::kExpress : ChildType::kStandard;
}

void compile_processor(StateContext& context, MapState& map) {
  Compilation& compilation = context.compilation();
  std::string_view name;
  for (std::string_view candidate : kProcessorNames) {
    if (context.json.find(candidate).is_undefined()) {
      continue;
    }
    if (!name.empty()) {
      compilation.error(context.path,
                        "Only one of these fields is allowed: [ItemProcessor, Iterator]");
      return;
    }
    name = candidate;
  }
  if (name.empty()) {
    require_members(compilation, context.json, context.path, {"ItemProcessor"});
    return;
  }
  json::Value processor = context.json.find(name);
  Path at = context.path.member(name);
  if (!expect_object(compilation, processor, at)) {
    return;
  }
  constexpr std::array<std::string_view, 4> kAllowed = {"Comment", "ProcessorConfig", "StartAt",
                                                        "States"};
  check_members(compilation, processor, at, kAllowed);
  compile_config(context, processor, at, map);
  if (map.distributed && context.block.express) {
    compilation.error(context.path, "Express state machine does not support Distributed Map");
  }
  // Children of a Distributed Map see no variables of the workflow that starts them.
  map.processor = compile_block(
      compilation, processor, at, context.id, map.distributed ? nullptr : &context.block,
      map.distributed ? map.child_type == ChildType::kExpress : context.block.express,
      context.block.depth + 1);
}

void compile_jsonpath_items(StateContext& context, MapState& map) {
  Compilation& compilation = context.compilation();
  map.items = compile_items_path(context, map.distributed);
  map.item_selector = compile_field(context, "ItemSelector", {});
  std::string_view selector = "ItemSelector";
  if (std::optional<Template> parameters = compile_field(context, "Parameters", {})) {
    if (map.item_selector) {
      compilation.error(context.path,
                        "Only one of these fields is allowed: [ItemSelector, Parameters]");
    } else {
      selector = "Parameters";
    }
    map.item_selector = std::move(parameters);
  }
  if (map.item_selector && map.item_selector->is_literal() &&
      !map.item_selector->literal.is_object()) {
    compilation.error(context.path.member(selector), "Expected value of type Object");
  }
}

void compile_items(StateContext& context, MapState& map) {
  if (!context.jsonata()) {
    return compile_jsonpath_items(context, map);
  }
  map.items = compile_field(context, "Items", {});
  if (map.items && map.items->is_literal() && !map.items->literal.is_container()) {
    context.compilation().error(context.path.member("Items"),
                                "Expected value of type Array, Object or a JSONata expression");
  }
  map.item_selector = compile_field(context, "ItemSelector", {});
}

// AWS takes them, and says nothing.
void warn_of_unused(StateContext& context, std::initializer_list<std::string_view> names,
                    std::string_view why) {
  for (std::string_view name : names) {
    if (context.json.find(name).is_undefined()) continue;
    context.compilation().warning_about(
        context.path, name, fmt::format("Field '{}' has no effect: {}", name, why), "UNUSED_FIELD");
  }
}

void refuse_distributed_fields(StateContext& context) {
  for (std::string_view name : {"ItemReader", "ItemBatcher", "ResultWriter", "Label"}) {
    if (!context.json.find(name).is_undefined()) {
      context.compilation().error_about(
          context.path, name,
          fmt::format("Field '{}' is only supported when 'Mode' is 'DISTRIBUTED'", name));
    }
  }
}

}  // namespace

MapState compile_map(StateContext& context) {
  MapState map;
  compile_processor(context, map);
  compile_items(context, map);
  const ScalarType count{.kind = ScalarType::Kind::kInteger, .min = 0, .max = INT32_MAX};
  const ScalarType percent{.kind = ScalarType::Kind::kNumber, .min = 0, .max = 100};
  auto scalar = [&](std::string_view name, const ScalarType& type) {
    return compile_scalar(context, context.json, context.path, name, std::string(name), type);
  };
  map.max_concurrency = scalar("MaxConcurrency", count);
  map.tolerated_failure_count = scalar("ToleratedFailureCount", count);
  map.tolerated_failure_percentage = scalar("ToleratedFailurePercentage", percent);
  if (!map.distributed) {
    refuse_distributed_fields(context);
    warn_of_unused(context,
                   {"ToleratedFailureCount", "ToleratedFailureCountPath",
                    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath"},
                   "'Mode' is not 'DISTRIBUTED'");
    return map;
  }
  map.item_reader = compile_item_reader(context);
  if (map.item_reader)
    warn_of_unused(context, {"Items", "ItemsPath"}, "the items come from 'ItemReader'");
  map.item_batcher = compile_item_batcher(context);
  map.label = compile_label(context);
  map.result_writer = compile_result_writer(context);
  return map;
}

}  // namespace weft::asl
