// Order-by, and the merge sort shared with $sort.
#include "jsonata/merge_sort.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Compares items by the sort terms; every term is evaluated at most once an item.
class TermOrder {
 public:
  TermOrder(const SortNode& node, Context& context, Frame* frame, const Value& items, bool tuples)
      : node_(node), context_(context), frame_(frame), items_(items), tuples_(tuples) {
    const size_t count = items.size() * node.count;
    if (!context.may_allocate(count * sizeof(Value))) return;
    keys_ = context.arena.allocate_array<Value>(count);
    for (size_t i = 0; i < count; ++i) keys_[i] = Value::unset();
  }

  // Whether item `a` stands after item `b`.
  bool after(uint32_t a, uint32_t b) {
    if (!context_.spend()) return false;
    for (uint32_t term = 0; term < node_.count; ++term) {
      const Value left = key(a, term);
      if (context_.failed) return false;
      const Value right = key(b, term);
      if (context_.failed) return false;
      const int order = compare(left, right, node_.terms[term].descending);
      if (context_.failed) return false;
      if (order != 0) return order > 0;
    }
    return false;
  }

 private:
  const Value& key(uint32_t item, uint32_t term) {
    Value& slot = keys_[static_cast<size_t>(item) * node_.count + term];
    if (slot.is_unset()) {
      const Value& value = items_.items()[item];
      slot = tuples_ ? evaluate_node(*node_.terms[term].expression, context_, as_tuple(value).frame,
                                     as_tuple(value).at)
                     : evaluate_node(*node_.terms[term].expression, context_, frame_, value);
    }
    return slot;
  }

  int compare(const Value& left, const Value& right, bool descending) {
    // undefined is last whatever the direction.
    if (left.is_undefined()) return right.is_undefined() ? 0 : 1;
    if (right.is_undefined()) return -1;
    const auto sortable = [](const Value& value) { return value.is_number() || value.is_string(); };
    if (!sortable(left) || !sortable(right)) {
      context_.fail_value("T2008", sortable(left) ? right : left, node_.position);
      return 0;
    }
    if (left.is_number() != right.is_number()) {
      context_.fail_value("T2007", left, node_.position);
      context_.failure.value2 = right;
      return 0;
    }
    int order = 0;
    if (left.is_string()) {
      order = compare_strings(left, right);
    } else if (left.as_double() != right.as_double()) {
      order = left.as_double() < right.as_double() ? -1 : 1;
    }
    return descending ? -order : order;
  }

  const SortNode& node_;
  Context& context_;
  Frame* frame_;
  const Value& items_;
  bool tuples_;
  Value* keys_ = nullptr;
};

}  // namespace

Value evaluate_sort(const SortNode& node, Context& context, Frame* frame, Value input) {
  if (input.size() <= 1) return input;
  const bool tuples = input.has_flag(Value::kTupleStream);
  TermOrder order(node, context, frame, input, tuples);
  if (context.failed) return {};
  const uint32_t* sorted = merge_sort(context, static_cast<uint32_t>(input.size()),
                                      [&](uint32_t a, uint32_t b) { return order.after(a, b); });
  if (context.failed) return {};
  auto* items = context.arena.allocate_array<Value>(input.size());
  for (size_t i = 0; i < input.size(); ++i) items[i] = input.items()[sorted[i]];
  return Value::array(items, input.size(), tuples ? Value::kTupleStream : 0);
}

}  // namespace weft::jsonata
