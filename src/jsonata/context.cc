#include "jsonata/context.h"

#include "jsonata/errors.h"
#include "jsonata/program.h"

namespace weft::jsonata {

namespace {
// Steps between two looks at the clock and the arena.
constexpr uint64_t kFuelChunk = 4096;

constexpr size_t kPictureBytesMax = 10'000;
}  // namespace

Value Context::fail(std::string_view code, size_t position, std::string_view token) {
  if (failed) return {};
  failed = true;
  failure.code = code;
  failure.position = position;
  if (!token.empty()) {
    failure.has_token = true;
    failure.token = token;
  }
  return {};
}

Value Context::fail_value(std::string_view code, Value value, size_t position) {
  if (failed) return {};
  fail(code, position);
  failure.value = value;
  return {};
}

Value Context::fail_bound(std::string_view sentence) {
  if (failed) return {};
  failed = true;
  failure.message = sentence;
  return {};
}

Value Context::fail_depth() {
  if (dialect == Dialect::kReference) return fail("D1011");
  return fail_bound(kDepthMessage);
}

void Context::locate(size_t position, std::string_view token) {
  if (failure.position == 0) failure.position = position;
  if (!failure.has_token) {
    failure.has_token = true;
    failure.token = token;
  }
}

bool Context::refuel(uint64_t steps) {
  if (failed) return false;
  if (arena.over_limit()) {
    fail_bound(kMemoryMessage);
    return false;
  }
  const uint64_t taken = fuel_reserve < kFuelChunk + steps ? fuel_reserve : kFuelChunk + steps;
  fuel_reserve -= taken;
  fuel += taken;
  const bool late = environment.clock != nullptr && budget.wall.count() > 0 &&
                    environment.clock() - started_ms > budget.wall.count();
  if (fuel < steps || late) {
    fail_bound(kTimeoutMessage);
    return false;
  }
  fuel -= steps;
  return true;
}

bool Context::may_make(size_t bytes) {
  if (failed) return false;
  if ((budget.value_bytes == 0 || bytes <= budget.value_bytes) && arena.fits(bytes)) return true;
  fail_bound(kMemoryMessage);
  return false;
}

bool Context::may_read_picture(std::string_view picture) {
  if (failed) return false;
  if (picture.size() <= kPictureBytesMax) return spend(1 + picture.size());
  fail_bound(kPictureMessage);
  return false;
}

bool Context::may_allocate(size_t bytes) {
  if (failed) return false;
  if (arena.fits(bytes)) return true;
  fail_bound(kMemoryMessage);
  return false;
}

void Context::add_program(const Program& added) {
  const auto new_globals = static_cast<uint32_t>(added.globals.size());
  auto* all = arena.allocate_array<Value>(global_count + new_globals);
  if (global_count > 0)
    std::memcpy(static_cast<void*>(all), static_cast<const void*>(globals),
                global_count * sizeof(Value));
  for (uint32_t i = 0; i < new_globals; ++i) {
    const Global& global = added.globals[i];
    Value value = global.initial;
    if (global.name == "$") value = root;
    for (const Binding& binding : bindings) {
      if (binding.name == global.name) value = binding.value;
    }
    all[global_count + i] = value;
  }
  globals = all;
  global_count += new_globals;
  auto* sites = arena.allocate_array<ShapeCache>(site_count + added.site_count);
  for (uint32_t i = 0; i < site_count + added.site_count; ++i)
    sites[i] = i < site_count ? caches[i] : ShapeCache();
  caches = sites;
  site_count += added.site_count;
}

Frame* Context::make_frame(Frame* parent, const FrameLayout& layout) {
  const size_t count = layout.names.size();
  auto* frame = static_cast<Frame*>(arena.allocate(sizeof(Frame) + count * sizeof(Value)));
  frame->parent = parent;
  frame->layout = &layout;
  Value* slots = frame->slots();
  for (size_t i = 0; i < count; ++i) slots[i] = Value::unset();
  return frame;
}

}  // namespace weft::jsonata
