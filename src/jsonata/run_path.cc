// Paths: names, wildcards, descendants, steps with and without tuples.
#include "jsonata/errors.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Gathers the results of one step and joins them: arrays are flattened one level, except
// constructed ones; a single plain array of the last step stays the very array it is.
class StepResults {
 public:
  explicit StepResults(Context& context) : out_(context.arena) {}

  void add(const Value& result) {
    if (result.is_undefined()) return;
    if (count_++ == 0) {
      first_ = result;
      return;
    }
    if (count_ == 2) join(first_);
    join(result);
  }

  Value finish(bool last) {
    if (count_ == 1) {
      if (first_.is_array() && !first_.has_flag(Value::kCons) &&
          (!last || first_.has_flag(Value::kSequence))) {
        // The items of one array: shared, not copied.
        return first_.with_flags(Value::kSequence);
      }
      if (last && first_.is_array() && !first_.has_flag(Value::kSequence)) return first_;
      join(first_);
    }
    return out_.finish(Value::kSequence);
  }

 private:
  void join(const Value& result) {
    if (result.is_array() && !result.has_flag(Value::kCons)) {
      out_.append(result.items(), result.size());
    } else {
      out_.push(result);
    }
  }

  json::ArrayBuilder out_;
  Value first_;
  size_t count_ = 0;
};

inline Value lookup_cached(Context& context, const NameNode& name, const Value& value) {
  if (value.is_object()) [[likely]] {
    const json::Object& object = *value.object_data();
    ShapeCache& cache = context.caches[name.site];
    if (cache.shape == object.shape) [[likely]] {
      return cache.slot == json::Shape::kNone ? Value() : object.members[cache.slot];
    }
    cache.shape = object.shape;
    cache.slot = object.shape->find(name.key.view(), name.key.hash);
    return cache.slot == json::Shape::kNone ? Value() : object.members[cache.slot];
  }
  if (!value.is_array()) return {};
  return finish_sequence(lookup(context, value, name.key.view(), name.key.hash), false);
}

void flatten_into(Context& context, const Value& value, json::ArrayBuilder& out) {
  if (!context.spend() || context.too_deep()) return;
  if (!value.is_array()) {
    out.push(value);
    return;
  }
  for (size_t i = 0; i < value.size(); ++i) flatten_into(context, value.items()[i], out);
}

bool descend(Context& context, const Value& value, json::ArrayBuilder& out) {
  if (!context.spend() || context.too_deep()) return false;
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      if (!descend(context, value.items()[i], out)) return false;
    }
    return true;
  }
  out.push(value);
  if (!value.is_object()) return true;
  const uint32_t* order = member_order(context, *value.object_data()->shape);
  for (uint32_t i = 0; i < value.size(); ++i) {
    if (!descend(context, value.member(order == nullptr ? i : order[i]), out)) return false;
  }
  return true;
}

// The items a path starts from.
struct Items {
  const Value* values;
  size_t count;
};

// The items of an array, or a value as the only one; they live as long as `held`.
Items items_of(const Value& held) {
  return held.is_array() ? Items{held.items(), held.size()} : Items{&held, 1};
}

Frame* copy_frame(Context& context, const Frame* frame) {
  Frame* copy = context.make_frame(frame->parent, *frame->layout);
  const size_t count = frame->layout->names.size();
  if (count > 0) {
    std::memcpy(static_cast<void*>(copy->slots()),
                static_cast<const void*>(const_cast<Frame*>(frame)->slots()),
                count * sizeof(Value));
  }
  return copy;
}

Value tuple_of(Context& context, Value at, Frame* frame) {
  return tuple_value(new (context.arena.allocate(sizeof(Tuple))) Tuple{at, frame});
}

// The names bound in an inner stream's tuple, set in `target` where its layout knows them.
void merge_bindings(const Frame* source, Frame* target) {
  auto* from = const_cast<Frame*>(source)->slots();
  for (size_t i = 0; i < source->layout->names.size(); ++i) {
    if (from[i].is_unset()) continue;
    for (size_t j = 0; j < target->layout->names.size(); ++j) {
      if (target->layout->names[j] == source->layout->names[i]) target->slots()[j] = from[i];
    }
  }
}

Value apply_stages(const Step& step, Context& context, Frame* frame, Value stream) {
  for (uint32_t s = 0; s < step.stage_count; ++s) {
    const Stage& stage = step.stages[s];
    if (!stage.is_index) {
      stream = evaluate_filter(stage.filter, context, frame, stream);
      if (context.failed) return {};
      continue;
    }
    json::ArrayBuilder out(context.arena);
    for (size_t i = 0; i < stream.size(); ++i) {
      if (!context.spend()) return {};
      const Tuple& tuple = as_tuple(stream.items()[i]);
      Frame* numbered = copy_frame(context, tuple.frame);
      numbered->slots()[stage.slot] = Value::number(static_cast<double>(i));
      out.push(tuple_of(context, tuple.at, numbered));
    }
    stream = out.finish(Value::kSequence | Value::kTupleStream);
  }
  return stream;
}

Value sort_step_to_tuples(const Step& step, Context& context, Frame* frame, Items input,
                          Value stream) {
  Value result = stream;
  if (!stream.is_undefined()) {
    result = evaluate_sort(*step.sort, context, frame, stream);
    if (context.failed) return {};
    result = result.with_flags(Value::kSequence | Value::kTupleStream);
  } else {
    const Value sorted = evaluate_sort(*step.sort, context, frame,
                                       Value::array(input.values, input.count, Value::kSequence));
    if (context.failed) return {};
    json::ArrayBuilder out(context.arena);
    for (size_t i = 0; i < sorted.size(); ++i) {
      Frame* numbered = copy_frame(context, frame);
      if (step.index_slot != kNoSlot)
        numbered->slots()[step.index_slot] = Value::number(static_cast<double>(i));
      out.push(tuple_of(context, sorted.items()[i], numbered));
    }
    result = out.finish(Value::kSequence | Value::kTupleStream);
  }
  return apply_stages(step, context, frame, result);
}

// The tuple made of `old` for one result of a step.
Value next_tuple(const Step& step, Context& context, const Tuple& old, const Value& item,
                 size_t index, bool stream) {
  if (stream) {
    const Tuple& inner = as_tuple(item);
    Frame* merged = copy_frame(context, old.frame);
    merge_bindings(inner.frame, merged);
    return tuple_of(context, inner.at, merged);
  }
  const bool binds =
      step.focus_slot != kNoSlot || step.index_slot != kNoSlot || step.ancestor_slot != kNoSlot;
  Frame* scope = binds ? copy_frame(context, old.frame) : old.frame;
  if (step.focus_slot != kNoSlot) scope->slots()[step.focus_slot] = item;
  if (step.index_slot != kNoSlot)
    scope->slots()[step.index_slot] = Value::number(static_cast<double>(index));
  if (step.ancestor_slot != kNoSlot) scope->slots()[step.ancestor_slot] = old.at;
  return tuple_of(context, step.focus_slot != kNoSlot ? old.at : item, scope);
}

// One step of a tuple stream; `stream` is undefined before the first.
Value tuple_step(const Step& step, Context& context, Frame* frame, Items input, Value stream) {
  if (step.sort != nullptr) return sort_step_to_tuples(step, context, frame, input, stream);
  json::ArrayBuilder out(context.arena);
  const size_t count = stream.is_undefined() ? input.count : stream.size();
  for (size_t i = 0; i < count; ++i) {
    if (!context.spend()) return {};
    const Tuple start{stream.is_undefined() ? input.values[i] : Value(), frame};
    const Tuple& old = stream.is_undefined() ? start : as_tuple(stream.items()[i]);
    const Value result = evaluate_node(*step.node, context, old.frame, old.at);
    if (context.failed) return {};
    if (result.is_undefined()) continue;
    const bool inner_stream = result.is_array() && result.has_flag(Value::kTupleStream);
    const Value* items = result.is_array() ? result.items() : &result;
    const size_t item_count = result.is_array() ? result.size() : 1;
    for (size_t n = 0; n < item_count; ++n) {
      if (!context.spend()) return {};
      out.push(next_tuple(step, context, old, items[n], n, inner_stream));
    }
  }
  return apply_stages(step, context, frame, out.finish(Value::kSequence | Value::kTupleStream));
}

Value plain_step(const Step& step, Context& context, Frame* frame, Items input, bool last) {
  if (step.sort != nullptr) {
    Value sorted = evaluate_sort(*step.sort, context, frame,
                                 Value::array(input.values, input.count, Value::kSequence));
    for (uint32_t s = 0; s < step.stage_count && !context.failed; ++s) {
      sorted = evaluate_filter(step.stages[s].filter, context, frame, sorted);
    }
    return sorted;
  }
  StepResults results(context);
  for (size_t i = 0; i < input.count; ++i) {
    if (!context.spend()) return {};
    Value result = step.name != nullptr
                       ? lookup_cached(context, *step.name, input.values[i])
                       : evaluate_node(*step.node, context, frame, input.values[i]);
    for (uint32_t s = 0; s < step.stage_count && !context.failed; ++s) {
      result = evaluate_filter(step.stages[s].filter, context, frame, result);
    }
    if (context.failed) return {};
    results.add(result);
  }
  return results.finish(last);
}

Value contexts_of(Context& context, const Value& stream) {
  json::ArrayBuilder out(context.arena);
  for (size_t i = 0; i < stream.size(); ++i) out.push(as_tuple(stream.items()[i]).at);
  return out.finish(Value::kSequence);
}

Value keep_singleton(Context& context, const Value& result) {
  if (!result.is_array()) return result;
  if (result.has_flag(Value::kCons) && !result.has_flag(Value::kSequence)) {
    return make_array(context, &result, 1, Value::kSequence | Value::kKeepSingleton);
  }
  return result.with_flags(result.flags() | Value::kKeepSingleton);
}

}  // namespace

Value run_name(const Node& base, Context& context, Frame*, Value input) {
  const auto& node = static_cast<const NameNode&>(base);
  return finish_node(lookup_cached(context, node, input), node);
}

Value run_wildcard(const Node& node, Context& context, Frame*, Value input) {
  if (input.is_array() && input.has_flag(Value::kOuterWrapper) && input.size() > 0)
    input = input.item(0);
  if (!input.is_container()) return finish_node(Value::array(nullptr, 0, Value::kSequence), node);
  json::ArrayBuilder out(context.arena);
  uint8_t flags = Value::kSequence;
  const uint32_t* order =
      input.is_object() ? member_order(context, *input.object_data()->shape) : nullptr;
  for (uint32_t i = 0; i < input.size(); ++i) {
    const Value& value =
        input.is_array() ? input.item(i) : input.member(order == nullptr ? i : order[i]);
    // Joining an array makes a plain array of the whole.
    if (value.is_array()) flags = 0;
    if (!value.is_undefined()) flatten_into(context, value, out);
  }
  // A sequence shows the reference its own mark, which is true, as one more member.
  if (input.is_array() && input.has_flag(Value::kSequence)) out.push(Value::boolean(true));
  return finish_node(out.finish(flags), node);
}

Value run_descendant(const Node& node, Context& context, Frame*, Value input) {
  if (input.is_undefined()) return {};
  json::ArrayBuilder out(context.arena);
  if (!descend(context, input, out)) return {};
  const Value result = out.finish(Value::kSequence);
  return result.size() == 1 ? result.item(0) : finish_node(result, node);
}

Value run_path(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& path = static_cast<const PathNode&>(base);
  // Names are looked up without a node of their own; they count a level all the same.
  if (context.depth + 1 > context.depth_limit) [[unlikely]]
    return context.fail_depth();
  if (path.layout != nullptr) frame = context.make_frame(frame, *path.layout);
  const Value start = input;
  Items items{&start, 1};
  if (input.is_array() && !path.starts_with_variable) items = {input.items(), input.size()};
  Value result;
  Value stream;
  bool tuples = false;
  // Items must stay valid while the next step reads them: `held` keeps the array they belong to.
  Value held;
  for (uint32_t i = 0; i < path.count; ++i) {
    const Step& step = path.steps[i];
    tuples = tuples || step.tuple;
    if (i == 0 && step.cons_array) {
      Value whole = start;
      if (!input.is_array() || path.starts_with_variable)
        whole = make_array(context, &start, 1, Value::kSequence);
      result = evaluate_node(*step.node, context, frame, whole);
      if (context.failed) return {};
      // Tuples start at the items of the array; a focus leaves the next step where this one was,
      // and an index of such a step is never bound.
      if (tuples) {
        held = result;
        if (step.focus_slot == kNoSlot) items = items_of(held);
        continue;
      }
      // A group or filter may have left something else than the array: it has no items to step to.
      if (path.count > 1 && !result.is_array() && !result.is_string()) {
        result = Value();
        break;
      }
    } else if (tuples) {
      stream = tuple_step(step, context, frame, items, stream);
    } else {
      result = plain_step(step, context, frame, items, i + 1 == path.count);
    }
    if (context.failed) return {};
    if (tuples) continue;
    if (result.is_undefined() || (result.is_array() && result.size() == 0)) break;
    held = result;
    items = items_of(held);
  }
  if (tuples) result = path.hands_on_tuples ? stream : contexts_of(context, stream);
  if (path.keep_singleton) result = keep_singleton(context, result);
  if (path.group != nullptr) {
    result = evaluate_group(*path.group, context, frame, tuples ? stream : result);
    if (context.failed) return {};
  }
  return finish_node(result, path);
}

Value run_names_path(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& path = static_cast<const NamesPathNode&>(base);
  // The path and the step under way are two levels.
  if (context.depth + 1 > context.depth_limit) [[unlikely]]
    return context.fail_depth();
  Value value = input;
  if (path.start != nullptr) value = path.start->run(*path.start, context, frame, input);
  uint32_t i = 0;
  for (; i < path.count && value.is_object(); ++i)
    value = lookup_cached(context, *path.names[i], value);
  if (!value.is_array()) {
    if (i < path.count || value.is_undefined()) return {};
    if (path.keep_singleton || path.keep_array)
      return make_array(context, &value, 1, Value::kSequence | Value::kKeepSingleton);
    return value;
  }
  if (i == path.count) {
    // The last name's own array; or the variable's or context's when there was no name to look up.
    if (value.has_flag(Value::kSequence)) value = value.with_flags(Value::kSequence);
  }
  for (; i < path.count; ++i) {
    StepResults results(context);
    if (!context.spend(value.size())) return {};
    for (size_t n = 0; n < value.size(); ++n)
      results.add(lookup_cached(context, *path.names[i], value.items()[n]));
    value = results.finish(i + 1 == path.count);
    if (value.size() == 0) break;
  }
  if (path.keep_singleton) value = keep_singleton(context, value);
  return finish_node(value, path);
}

}  // namespace weft::jsonata
