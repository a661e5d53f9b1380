// Object constructors and grouping: keys computed for each item, values for each group of items
// with one key.
#include "json/build.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// The items that gave one key, and where the value comes from.
struct Group {
  Value data;  // an item, or the $append of several; tuples: an array of them
  uint32_t pair;
  json::ArrayBuilder* more;
};

// Groups in order of first appearance, found by key.
class Groups {
 public:
  explicit Groups(Context& context) : context_(context), keys_(context.arena) {}

  // The group of `key`, made for `pair` when new.
  Group* at(const Value& key, uint32_t pair, bool& is_new) {
    const json::Key probe{key.as_string().data(), static_cast<uint32_t>(key.as_string().size()),
                          json::hash_key(key.as_string())};
    const size_t before = keys_.size();
    const uint32_t place = keys_.place(probe);
    is_new = place == before;
    if (is_new) {
      auto* group = new (context_.arena.allocate(sizeof(Group))) Group{Value(), pair, nullptr};
      groups_.push(Value::function(group));
    }
    return const_cast<Group*>(static_cast<const Group*>(groups_.items()[place].function_data()));
  }
  Group& group(size_t i) {
    return *const_cast<Group*>(static_cast<const Group*>(groups_.items()[i].function_data()));
  }
  const json::Key& key(size_t i) const { return keys_.key(i); }
  size_t size() const { return keys_.size(); }
  // The groups as JavaScript lists members (member_order); nullptr when that is how they stand.
  const uint32_t* order() const {
    bool indexed = false;
    for (uint32_t i = 0; i < keys_.size() && !indexed; ++i)
      indexed = json::is_array_index(keys_.key(i).view());
    if (!indexed) return nullptr;
    return member_order(context_, *json::Shape::make(keys_.keys(), keys_.size(), context_.arena));
  }

 private:
  Context& context_;
  json::KeySet keys_;
  json::ArrayBuilder groups_{context_.arena};
};

// Adds one more item to a group, as $append does (array items are joined).
void add_item(Context& context, Group& group, const Value& item, bool tuple) {
  if (item.is_undefined()) return;
  if (group.data.is_undefined()) {
    group.data = item;
    return;
  }
  if (group.more == nullptr) {
    group.more =
        new (context.arena.allocate(sizeof(json::ArrayBuilder))) json::ArrayBuilder(context.arena);
    if (group.data.is_array()) {
      group.more->append(group.data.items(), group.data.size());
    } else {
      group.more->push(group.data);
    }
  }
  if (item.is_array() && !tuple) {
    group.more->append(item.items(), item.size());
  } else {
    group.more->push(item);
  }
  group.data = group.more->finish();
}

// The tuples of one group as one: every binding is the $append of all its values.
Tuple merge_tuples(Context& context, const Value& data) {
  if (!data.is_array()) return as_tuple(data);
  const Tuple& first = as_tuple(data.items()[0]);
  Tuple merged{first.at, context.make_frame(first.frame->parent, *first.frame->layout)};
  const size_t count = first.frame->layout->names.size();
  for (size_t s = 0; s < count; ++s) merged.frame->slots()[s] = first.frame->slots()[s];
  for (size_t i = 1; i < data.size(); ++i) {
    const Tuple& tuple = as_tuple(data.items()[i]);
    merged.at = append(context, merged.at, tuple.at);
    for (size_t s = 0; s < count; ++s) {
      const Value value = tuple.frame->slots()[s];
      if (value.is_unset()) continue;
      Value& slot = merged.frame->slots()[s];
      slot = slot.is_unset() ? value : append(context, slot, value);
    }
  }
  return merged;
}

bool check_key(Context& context, const Value& key, size_t position) {
  if (!key.is_string()) {
    context.fail_value("T1003", key, position);
    return false;
  }
  if (key.as_string() == "_jsonata_lambda" || key.as_string() == "_jsonata_function") {
    context.fail_value("D1013", key, position);
    return false;
  }
  return true;
}

bool collect_item(const GroupNode& node, Context& context, Frame* frame, const Value& item,
                  bool tuples, Groups& groups) {
  Frame* scope = tuples ? as_tuple(item).frame : frame;
  const Value at = tuples ? as_tuple(item).at : item;
  for (uint32_t p = 0; p < node.count; ++p) {
    const Value key = evaluate_node(*node.pairs[p].key, context, scope, at);
    if (context.failed) return false;
    if (key.is_undefined()) continue;
    if (!check_key(context, key, node.position)) return false;
    bool is_new = false;
    Group* group = groups.at(key, p, is_new);
    if (is_new) {
      group->data = item;
    } else if (group->pair != p) {
      context.fail_value("D1009", key, node.position);
      return false;
    } else {
      add_item(context, *group, item, tuples);
    }
  }
  return true;
}

// The common case: constant distinct keys over one item.
Value constant_object(const GroupNode& node, Context& context, Frame* frame, const Value& item) {
  auto* members = context.arena.allocate_array<Value>(node.count);
  const uint32_t* order = member_order(context, *node.constant_shape);
  uint32_t undefined = 0;
  for (uint32_t n = 0; n < node.count; ++n) {
    const uint32_t i = order == nullptr ? n : order[n];
    members[i] = evaluate_node(*node.pairs[i].value, context, frame, item);
    if (context.failed) return {};
    if (members[i].is_undefined()) ++undefined;
  }
  if (undefined == 0) return Value::object(node.constant_shape, members, context.arena);
  const uint32_t kept = node.count - undefined;
  auto* keys = context.arena.allocate_array<json::Key>(kept);
  uint32_t at = 0;
  for (uint32_t i = 0; i < node.count; ++i) {
    if (members[i].is_undefined()) continue;
    keys[at] = node.constant_shape->keys[i];
    members[at++] = members[i];
  }
  return Value::object(json::Shape::make(keys, kept, context.arena), members, context.arena);
}

}  // namespace

Value evaluate_group(const GroupNode& node, Context& context, Frame* frame, Value input) {
  const bool tuples = input.is_array() && input.has_flag(Value::kTupleStream);
  // Of no tuples there is not even the one empty object's members.
  if (tuples && input.size() == 0) return json::ObjectBuilder(context.arena).finish();
  const Value single = input;
  const Value* items = &single;
  size_t count = 1;
  if (input.is_array() && input.size() > 0) {
    items = input.items();
    count = input.size();
  } else if (input.is_array()) {
    input = Value();
  }
  const Value nothing;
  if (single.is_array() && single.size() == 0) items = &nothing;
  if (count == 1 && !tuples && node.constant_shape != nullptr)
    return constant_object(node, context, frame, items[0]);
  Groups groups(context);
  for (size_t i = 0; i < count; ++i) {
    if (!context.spend()) return {};
    if (!collect_item(node, context, frame, items[i], tuples, groups)) return {};
  }
  json::ObjectBuilder out(context.arena);
  const uint32_t* order = groups.order();
  for (size_t n = 0; n < groups.size(); ++n) {
    const size_t i = order == nullptr ? n : order[n];
    const Group& group = groups.group(i);
    Value at = group.data;
    Frame* scope = frame;
    if (tuples) {
      const Tuple merged = merge_tuples(context, group.data);
      at = merged.at;
      // The reference takes the context out of a tuple that makes a group alone, and further groups
      // of that tuple find none.
      if (!group.data.is_array()) const_cast<Tuple&>(as_tuple(group.data)).at = Value();
      scope = merged.frame;
    }
    const Value value = evaluate_node(*node.pairs[group.pair].value, context, scope, at);
    if (context.failed) return {};
    if (!value.is_undefined()) out.add_key(groups.key(i), value);
  }
  return out.finish();
}

Value run_object(const Node& node, Context& context, Frame* frame, Value input) {
  return evaluate_group(static_cast<const GroupNode&>(node), context, frame, input);
}

}  // namespace weft::jsonata
