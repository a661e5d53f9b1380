#include <algorithm>

#include <fmt/format.h>

#include "asl/evaluate.h"
#include "asl/map_item.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mix.h"
#include "json/build.h"
#include "maprun/map_run.h"

namespace weft::maprun {
namespace {

// $states.context of an ItemSelector: the Map state's context and Map.Item.
class ItemContext : public asl::ContextSource {
 public:
  ItemContext(json::Value outer, const asl::MapItem& item) : outer_(outer), item_(item) {}

  json::Value context(json::Arena& arena) override {
    return asl::with_map_item(outer_, item_, arena);
  }

 private:
  json::Value outer_;
  asl::MapItem item_;
};

std::string source_name(const Configuration& configuration) {
  switch (configuration.source) {
    case Configuration::Source::kState:
      return "STATE_DATA";
    case Configuration::Source::kListObjectsV2:
      return "S3://" + configuration.bucket;
    case Configuration::Source::kGetObject:
      return "S3://" + configuration.bucket + "/" + configuration.key;
  }
  return "";
}

json::Value parse_or_undefined(const base::Text& text, json::Arena& arena,
                               asl::QueryLanguage language) {
  if (text.is_null()) return {};
  return asl::parse(text.view(), arena, language).value_or(json::Value());
}

}  // namespace

std::optional<ReadFailed> MapRun::select(std::vector<base::Text>& items, bool keyed) {
  const asl::State& state = program_->state(state_);
  const auto& body = std::get<asl::MapState>(state.body);
  if (!body.item_selector) {
    selected_ += items.size();
    return std::nullopt;
  }
  json::Arena constants;  // what is the same for all items of a page
  const json::Value outer =
      parse_or_undefined(configuration_.selector_context, constants, state.language);
  const json::Value input =
      parse_or_undefined(configuration_.selector_input, constants, state.language);
  const json::Value variables =
      parse_or_undefined(configuration_.selector_variables, constants, state.language);
  const std::string source = source_name(configuration_);
  for (base::Text& item : items) {
    arena_.reset();
    asl::Environment environment;
    environment.now_ms = start_ms_;
    environment.random_seed = base::mix64(static_cast<uint64_t>(start_ms_)) + selected_ + 1;
    const json::Value read = parse_or_undefined(item, arena_, state.language);
    ItemContext context(outer, {.index = selected_,
                                .key = keyed ? read.find("Key") : json::Value(),
                                .value = keyed ? read.find("Value") : read,
                                .source = source});
    asl::Evaluation values(arena_, environment, context, state.language);
    values.bound_texts(base::kStateDataBytesMax);  // add_child() refuses what is longer
    values.set_input({.value = input, .text = configuration_.selector_input});
    for (uint32_t i = 0; i < variables.size(); ++i)
      values.add_variable(variables.key(i), variables.member(i));
    auto selected = values.evaluate_text(*body.item_selector);
    if (!selected) return ReadFailed{selected.error().error, selected.error().cause};
    item = std::move(*selected);
    ++selected_;
  }
  return std::nullopt;
}

size_t MapRun::batch_bytes(size_t item_bytes, size_t count) const {
  constexpr size_t kFrame = sizeof(R"({"Items":[]})") - 1;
  constexpr size_t kInputFrame = sizeof(R"("BatchInput":,)") - 1;
  const size_t input =
      configuration_.batch_input.is_null() ? 0 : kInputFrame + configuration_.batch_input.size();
  return kFrame + input + item_bytes + (count == 0 ? 0 : count - 1);
}

base::Text MapRun::batch_text(const std::vector<base::Text>& batch) const {
  std::string text = "{";
  if (!configuration_.batch_input.is_null()) {
    text += "\"BatchInput\":";
    text += configuration_.batch_input.view();
    text += ',';
  }
  text += "\"Items\":[";
  for (size_t i = 0; i < batch.size(); ++i) {
    if (i != 0) text += ',';
    text += batch[i].view();
  }
  text += "]}";
  return base::Text(std::move(text));
}

std::optional<ReadFailed> MapRun::add_child(std::vector<base::Text>& batch, Slice& slice) {
  // M10: a child has an item at least, and all its items in one input.
  WEFT_CHECK(!batch.empty());
  WEFT_CHECK(configuration_.batched || batch.size() == 1);
  ChildInput child;
  child.items = static_cast<uint32_t>(batch.size());
  child.input = configuration_.batched ? batch_text(batch) : batch.front();
  if (child.input.size() > base::kStateDataBytesMax) {
    return ReadFailed{
        "States.DataLimitExceeded",
        fmt::format("The input of the child workflow execution with index {} has more "
                    "bytes than the limit of {}.",
                    slice.first_index + slice.children.size(), base::kStateDataBytesMax)};
  }
  slice.children.push_back(std::move(child));
  batch.clear();
  return std::nullopt;
}

std::optional<ReadFailed> MapRun::take_items(PageRead page, Slice& slice) {
  std::vector<base::Text> items = std::move(page.items);
  if (auto failure = select(items, page.keyed)) return failure;
  std::vector<base::Text> batch = std::move(carry_);
  carry_.clear();
  size_t bytes = 0;
  for (const base::Text& item : batch) bytes += item.size();
  const uint64_t items_max =
      configuration_.batched ? configuration_.batch_items_max.value_or(UINT64_MAX) : 1;
  const size_t bytes_max = std::min<size_t>(
      configuration_.batch_bytes_max.value_or(base::kStateDataBytesMax), base::kStateDataBytesMax);
  for (base::Text& item : items) {
    const bool full =
        batch.size() >= items_max ||
        (configuration_.batched && batch_bytes(bytes + item.size(), batch.size() + 1) > bytes_max);
    if (!batch.empty() && full) {
      if (auto failure = add_child(batch, slice)) return failure;
      bytes = 0;
    }
    bytes += item.size();
    batch.push_back(std::move(item));
  }
  if (!batch.empty() && (page.last || batch.size() >= items_max)) {
    if (auto failure = add_child(batch, slice)) return failure;
  }
  carry_ = std::move(batch);
  return std::nullopt;
}

}  // namespace weft::maprun
